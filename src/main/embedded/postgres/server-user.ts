import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/** Postgres refuses to run as root, so that for root another user runs it. */
export type ServerUser = { readonly uid: number; readonly gid: number }

/** The user and group that own nothing. */
const NOBODY: ServerUser = { uid: 65_534, gid: 65_534 }

/** Bounds programs that ought to end within seconds, on the slowest of disks too. */
const PROGRAM_TIMEOUT_MS = 120_000

/**
 * Nothing of our own environment: it holds secrets, and PG* variables would change what the programs do. With a
 * time zone given, initdb need not compare all that the system has with its clock.
 */
export const SERVER_ENVIRONMENT: NodeJS.ProcessEnv = {
  LC_ALL: 'C',
  TZ: 'UTC',
  ...(process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot }),
}

/**
 * Who has to run the server on this data folder: null for the user of this process itself; for root, the
 * folder's owner where it exists already, else nobody.
 */
export async function serverUser(data: string): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null
  const owner = await stat(data).catch(() => null)
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : NOBODY
}

/** Whether the user may pass through the folder and every one above it. Takes an absolute path without links. */
export async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  const { mode, uid, gid } = await stat(folder)
  const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
  if ((mode & needed) === 0) return false
  return folder === dirname(folder) || canEnter(dirname(folder), user)
}

/** Runs one of the server's programs as its user until it ends. Rejects where it fails; see `reasonOf`. */
export async function runAs(
  user: ServerUser | null,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  const options = { ...user, cwd, env: SERVER_ENVIRONMENT, timeout: PROGRAM_TIMEOUT_MS }
  await promisify(execFile)(program, args, options)
}
