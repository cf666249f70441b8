import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeOf } from '../config/unusable-setting.ts'
import { limitReached, TOO_FEW_PROCESSES } from '../process-limits.ts'
import { makeFolder } from '../storage/folder.ts'
import { StandInError, unusableDataFolder } from './stand-in.ts'

/** What the host process is told on its command line. */
export type HostRequest = {
  /** Absolute path. */
  readonly dataDir: string
}

/** What the host process says once, before it can be called. */
export type HostReport =
  | { readonly kind: 'listening' }
  /** Another one was quicker, and this one has ended. */
  | { readonly kind: 'occupied' }
  | { readonly kind: 'failed'; readonly error: string }

export type HostProcess = {
  /** From now on it ends when nobody uses it. */
  readonly release: () => void
  readonly exited: Promise<unknown>
}

/** Longer than it waits for the answer of another one. */
const BEGIN_TIMEOUT_MS = 30_000
const LATE = `their process has not begun within ${BEGIN_TIMEOUT_MS / 1_000} s: the machine is too busy, or ${TOO_FEW_PROCESSES}`

/** Takes what would go to standard error, which belongs to a worker that the host may outlive. */
const LOG_FILE = 'stand-ins.log'

/**
 * Starts a host on the data folder; null where there is one.
 * Throws a StandInError where it cannot run, and an UnusableSetting where the folder cannot be used.
 */
export async function startHostProcess(request: HostRequest): Promise<HostProcess | null> {
  const fromSources = import.meta.url.endsWith('.ts')
  const path = fileURLToPath(new URL(`./host.${fromSources ? 'ts' : 'js'}`, import.meta.url))
  const log = await openLog(request.dataDir)
  const child = fork(path, [JSON.stringify(request)], {
    execArgv: fromSources ? ['--import', 'tsx'] : [],
    // A session of its own: a Ctrl-C or a hang-up meant for the worker does not reach it.
    detached: true,
    stdio: ['ignore', 'ignore', log.fd, 'ipc'],
  })
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const reported = firstReport(child, exited)
  await log.close()
  const report = await reported
  if (report.kind === 'failed') throw new StandInError(`the embedded services cannot start: ${report.error}`)
  if (report.kind === 'occupied') return null
  child.unref()
  child.channel?.unref()
  return {
    release: () => {
      if (child.connected) child.disconnect()
    },
    exited,
  }
}

async function openLog(dataDir: string) {
  try {
    await makeFolder(dataDir)
    return await open(join(dataDir, LOG_FILE), 'a', 0o600)
  } catch (error) {
    throw unusableDataFolder(dataDir, error)
  }
}

/**
 * What the process says once; it has ended then, unless it listens. It is not left behind by a process that ends before
 * that, as Node waits for ever, and hears no signal, where it gets too few threads to begin with.
 */
async function firstReport(
  child: ChildProcess,
  exited: Promise<[number | null, string | null]>,
): Promise<HostReport> {
  const kill = () => child.kill('SIGKILL')
  let limit: NodeJS.Timeout | undefined
  process.once('exit', kill)
  try {
    const report = await Promise.race([
      once(child, 'message').then(([message]) => message as HostReport),
      exited.then(([code, signal]): HostReport => ({ kind: 'failed', error: endOf(code, signal) })),
      new Promise<HostReport>((resolve) => {
        limit = setTimeout(resolve, BEGIN_TIMEOUT_MS, { kind: 'failed', error: LATE })
      }),
    ])
    if (report.kind === 'listening') return report
    if (report.kind === 'failed') kill()
    await exited
    return report
  } catch (error) {
    const problem = limitReached(error)?.message ?? `${TOO_FEW_PROCESSES} (${String(codeOf(error))})`
    return { kind: 'failed', error: `no process can be made for them: ${problem}` }
  } finally {
    clearTimeout(limit)
    process.off('exit', kill)
  }
}

const endOf = (code: number | null, signal: string | null) =>
  `their process ended with ${signal ?? `code ${code}`}; ${LOG_FILE} in DATA_DIR may say why`
