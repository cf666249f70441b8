import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './failure.ts'

/** The server's first process, as its lock file describes it. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly isReady: boolean }

/** Recovery after a crash comes before readiness. */
const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 60_000
const POLL_MS = 10

const lockFile = (data: string) => join(data, 'postmaster.pid')

/** A setting without effect. It stands in the command line, which tells the server from any other process. */
export function folderMark(data: string): string {
  return `concept_worker.folder=${data}`
}

/**
 * Stops a server that runs on the folder, ready or not: its process was killed so that nothing could stop it, or
 * is being stopped at this moment. A lock file that a dead one left behind does not count.
 */
export async function stopOrphan(data: string): Promise<void> {
  // Windows leaves no orphans, and could not tell whose the process is.
  if (process.platform === 'win32') return
  const orphan = await readPostmaster(data)
  if (!orphan) return
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS
  if (await isServing(orphan.pid, data)) interrupt(orphan.pid)
  while (await isServing(orphan.pid, data)) {
    if (performance.now() > deadlineMs) {
      throw new EmbeddedPostgresError(
        `an embedded Postgres (process ${orphan.pid}) runs on ${data} and did not stop within ` +
          `${STOP_TIMEOUT_MS / 1000} s`,
      )
    }
    await delay(POLL_MS)
  }
  // Postgres itself sees through a pid of nobody, and looks for orphans of that server then. Where another
  // process has the pid by now, as in a container that starts anew, it would refuse to start.
  if (isProcess(orphan.pid)) await rm(lockFile(data), { force: true })
}

/** It may have ended a moment ago, or be another user's. */
function interrupt(pid: number): void {
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    // Waiting for its end shows which of the two it is.
  }
}

/** Waits until the server takes connections; null where it ended before. */
export async function untilReady(pid: number, data: string): Promise<Postmaster | null> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS
  while (await isServing(pid, data)) {
    const postmaster = await readPostmaster(data)
    if (postmaster?.pid === pid && postmaster.isReady) return postmaster
    if (performance.now() > deadlineMs) {
      throw new EmbeddedPostgresError(
        `the embedded Postgres (process ${pid}) on ${data} was not ready within ${READY_TIMEOUT_MS / 1000} s`,
      )
    }
    await delay(POLL_MS)
  }
  return null
}

/** Whether the process is there and is the server on this folder. A dead one whose parent has not noticed is not. */
export async function isServing(pid: number, data: string): Promise<boolean> {
  const commandLine = await commandLineOf(pid)
  // Gone, or hidden from us: then rather wait for it than start a second server on its data.
  if (commandLine === null) return isProcess(pid)
  if (commandLine === '') return isBecomingAnother(pid)
  return commandLine.includes(folderMark(data))
}

/** Parent of the kernel's own threads, which have no command line. */
const KERNEL_THREADS_PARENT = 2

/** A process has no command line for a moment while it becomes another program, and a dead one has none any more. */
async function isBecomingAnother(pid: number): Promise<boolean> {
  // Linux: number, name in parentheses, state, parent.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [state = '', parent] = status.slice(status.lastIndexOf(')') + 2).split(' ')
  return status !== '' && !'ZX'.includes(state) && Number(parent) !== KERNEL_THREADS_PARENT
}

async function commandLineOf(pid: number): Promise<string | null> {
  if (process.platform === 'win32') return null
  const commandLine =
    process.platform === 'linux'
      ? readFile(`/proc/${pid}/cmdline`, 'utf8')
      : promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(({ stdout }) => stdout)
  return commandLine.catch(() => null)
}

/** Whether any process has the pid. */
export function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Another user's process is one too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Lines of the file: pid, folder, start, port, socket folder, address, shared memory, state. */
async function readPostmaster(data: string): Promise<Postmaster | null> {
  const lines = (await readFile(lockFile(data), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  if (!(pid > 0)) return null
  return { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' }
}
