import { randomBytes, randomUUID } from 'node:crypto'
import {
  chmod,
  chown,
  mkdir,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { EmbeddedPostgresError, reasonOf } from './failure.ts'
import { canEnter, runAs, type ServerUser } from './server-user.ts'

/** The cluster's files. The server's programs have to run with `path` as their working directory. */
export type DataFolder = {
  /** Absolute, without links. */
  readonly path: string
  /** What the programs are told. It differs from `path` where their user cannot get there from the root. */
  readonly argument: string
  readonly password: string
}

export const SUPERUSER = 'concept_worker'

const CLUSTER = 'cluster'
const STAGING_PREFIX = `${CLUSTER}.`
const DATA = 'data'
const PASSWORD = 'password'

/** Makes the folder that holds everything, and answers its path without links. */
export async function openHome(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true })
    const home = await realpath(dataDir)
    // The server's user passes through; it can neither list nor change what root keeps there.
    if (process.getuid?.() === 0) await chmod(home, ((await stat(home)).mode & 0o777) | 0o711)
    return home
  } catch (error) {
    throw unusable(dataDir, error)
  }
}

export function dataPath(home: string): string {
  return join(home, CLUSTER, DATA)
}

/** Makes the cluster where there is none. */
export async function openDataFolder(
  home: string,
  binaries: Binaries,
  user: ServerUser | null,
  durable: boolean,
): Promise<DataFolder> {
  const path = dataPath(home)
  const argument = await argumentFor(home, path, user)
  const passwordFile = join(home, CLUSTER, PASSWORD)
  try {
    if (!(await readdir(home)).includes(CLUSTER)) {
      await removeAbandoned(home)
      await createCluster(home, binaries, user, durable)
    }
    return { path, argument, password: await readFile(passwordFile, 'utf8') }
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error
    throw unusable(home, error)
  }
}

/**
 * A program that starts in a folder is there, whoever may pass on the way: so in a clone under /root the data
 * stay with the clone. Linux alone can name the place.
 */
async function argumentFor(home: string, path: string, user: ServerUser | null): Promise<string> {
  if (!user || (await canEnter(home, user))) return path
  if (process.platform === 'linux') return '/proc/self/cwd'
  throw new EmbeddedPostgresError(
    `root cannot run Postgres, and user ${user.uid}, who runs it for root, cannot enter ${home}`,
  )
}

/**
 * Makes the cluster under another name and renames it, so that a cluster that is there is complete and fits its
 * password, whoever was killed in between.
 */
async function createCluster(
  home: string,
  binaries: Binaries,
  user: ServerUser | null,
  durable: boolean,
): Promise<void> {
  assertNamedUser()
  const staging = join(home, `${STAGING_PREFIX}${randomUUID()}`)
  const data = join(staging, DATA)
  const passwordFile = join(staging, PASSWORD)
  try {
    await mkdir(staging)
    await chmod(staging, 0o711)
    await mkdir(data, { mode: 0o700 })
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (user) await Promise.all([data, passwordFile].map((path) => chown(path, user.uid, user.gid)))
    await runAs(
      user,
      binaries.initdb,
      [
        `--pgdata=${await argumentFor(home, data, user)}`,
        `--username=${SUPERUSER}`,
        `--pwfile=../${PASSWORD}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Postgres' own locale is the same everywhere, whatever the system has installed.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
        ...syncArguments(durable),
      ],
      data,
    )
    await rename(staging, join(home, CLUSTER))
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw new EmbeddedPostgresError(
      `the embedded Postgres could not make its data folder in ${home}: ${reasonOf(error)}`,
      { cause: error },
    )
  }
}

/** One sync of the file system takes 40 ms, one of each of a thousand files up to 2 s. */
function syncArguments(durable: boolean): string[] {
  if (!durable) return ['--no-sync']
  return process.platform === 'linux' ? ['--sync-method=syncfs'] : []
}

/** initdb asks for the name of the user that runs it; containers like to run users that have none. */
function assertNamedUser(): void {
  try {
    userInfo()
  } catch (error) {
    throw new EmbeddedPostgresError(
      `user ${process.getuid?.()} has no entry in /etc/passwd, and Postgres needs one to make its data folder`,
      { cause: error },
    )
  }
}

/** What processes that were killed while they made a cluster left behind. */
async function removeAbandoned(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(STAGING_PREFIX)) continue
    // The initdb of a killed process ends at once, but may be writing still.
    await rm(join(home, name), { recursive: true, force: true, maxRetries: 10 })
  }
}

function unusable(folder: string, error: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `the embedded Postgres cannot use the data folder ${folder}: ${reasonOf(error)}`,
    { cause: error },
  )
}
