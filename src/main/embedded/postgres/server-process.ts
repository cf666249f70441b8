import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Binaries } from './binaries.ts'
import { EmbeddedPostgresError } from './failure.ts'
import { SERVER_ENVIRONMENT, type ServerUser } from './server-user.ts'

export type ServerProcess = {
  readonly pid: number
  /** Resolves when the server has ended, or when it would no longer end with this process. */
  readonly lost: Promise<void>
  /** What Postgres calls a fast shutdown: cuts the clients off and writes everything. Resolves when it has ended. */
  stop(): Promise<void>
}

const STOP_TIMEOUT_MS = 60_000

/**
 * The shell becomes the server itself; what it leaves behind is a watcher. That reads from a pipe whose other end
 * only we hold: a line tells it that the server has ended, and the end of the file that we have, by whatever
 * signal. Then it stops the server as we would have done.
 */
const WATCHED = `( { trap '' HUP INT TERM; read -r line <&3 || kill -INT $$; } & ); exec "$@" 3<&-`

export type ServerStart = {
  readonly binaries: Binaries
  readonly args: readonly string[]
  /** Null for the user of this process itself. */
  readonly user: ServerUser | null
  readonly cwd: string
  /** Of the open file that takes the server's output. */
  readonly logFd: number
}

/** Starts the server so that it ends with this process, however that ends. Rejects where no process can be made. */
export async function startServerProcess({
  binaries,
  args,
  user,
  cwd,
  logFd,
}: ServerStart): Promise<ServerProcess> {
  const options = { ...user, cwd, env: SERVER_ENVIRONMENT }
  const child =
    process.platform === 'win32'
      ? // Windows ends the children of a process with it, unless they are detached.
        spawn(binaries.postgres, args, { ...options, windowsHide: true, stdio: ['ignore', logFd, logFd] })
      : spawn('/bin/sh', ['-c', WATCHED, 'sh', binaries.postgres, ...args], {
          ...options,
          // A session of its own: a Ctrl-C or a hang-up meant for the worker must not end it before the worker is done.
          detached: true,
          stdio: ['ignore', logFd, logFd, 'pipe'],
        })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await once(child, 'spawn')
  child.unref()
  const watcher = child.stdio[3] as Socket | undefined
  return {
    pid: child.pid as number,
    lost: Promise.race(watcher ? [exited, releaseAfter(exited, watcher)] : [exited]),
    stop: async () => {
      child.ref()
      child.kill('SIGINT')
      await within(STOP_TIMEOUT_MS, exited, `process ${child.pid}`)
    },
  }
}

async function within(timeoutMs: number, exited: Promise<void>, who: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new EmbeddedPostgresError(
            `the embedded Postgres (${who}) did not stop within ${timeoutMs / 1000} s`,
          ),
        ),
      timeoutMs,
    )
  })
  await Promise.race([exited, late]).finally(() => clearTimeout(timer))
}

/** Tells the watcher when the server has ended. Resolves when the watcher has, which it does not by itself. */
function releaseAfter(serverExited: Promise<void>, watcher: Socket): Promise<void> {
  watcher.unref()
  // The watcher may be gone before the line reaches it.
  watcher.on('error', () => undefined)
  watcher.resume()
  void serverExited.then(() => watcher.end('\n'))
  return new Promise((resolve) => watcher.once('close', () => resolve()))
}
