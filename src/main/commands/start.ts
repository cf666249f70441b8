import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import type { Logger } from 'pino'
import { loadConfig } from '../config/config.ts'
import { STAND_INS } from '../embedded/stand-in.ts'
import { causeOf, openEndpoints } from '../endpoints.ts'
import { createLogger } from '../telemetry/logger.ts'
import { EXIT } from './exit-codes.ts'

export function startCommand(): Command {
  return new Command('start')
    .description('run the worker until SIGTERM or SIGINT; embedded stand-ins serve what has no address')
    .addHelpText('after', HELP)
    .action(start)
}

const HELP = `
It is set up through the environment; "concept-worker config" prints what is in
force. The log goes to standard output, one JSON object a line. The first signal
lets tasks in hand end, a second one ends the process at once.`

/** Resolves once the worker has drained. */
async function start(): Promise<void> {
  const config = loadConfig(process.env)
  const log = createLogger(config.logLevel)
  const signal = stopSignal()
  const opening = openEndpoints(config, STAND_INS)
  const endpoints = await unlessStopped(opening, signal, log)
  // What is half-way there notices the end of this process.
  if (!endpoints) return endProcess(log, [], true)
  let left: readonly string[] = []
  try {
    for (const standIn of endpoints.standIns) {
      const ofAnother = endpoints.adopted.includes(standIn)
      log.warn({ standIn, ofAnother, dataDir: config.dataDir }, 'embedded stand-in in use')
    }
    log.info({ storage: config.storage.url }, 'images are stored here')
    const { startWorker } = await import('../worker.ts')
    const worker = await unlessStopped(startWorker(config, endpoints, log), signal, log)
    if (!worker) return
    const end = await Promise.race([
      signal.then((name) => ({ signal: name })),
      endpoints.lost.then((reason) => ({ reason })),
    ])
    if ('reason' in end) {
      log.fatal(end, 'the embedded stand-ins ended by themselves')
      process.exitCode = EXIT.unavailable
    } else log.info(end, 'stop requested')
    // Without its Postgres nothing that a task still does can be written down.
    const isHopeless = 'reason' in end && endpoints.standIns.includes('postgres')
    left = await worker.stop(isHopeless ? 0 : undefined)
  } catch (error) {
    throw await causeOf(error, endpoints)
  } finally {
    let isClosed = false
    const end = () => endProcess(log, left, isClosed)
    const limit = setTimeout(end, endpoints.standIns.length > 0 ? STAND_INS_STOP_MS : CLOSE_MS).unref()
    await endpoints.stop()
    clearTimeout(limit)
    isClosed = left.length === 0
    if (left.length > 0) end()
    else setTimeout(end, CLOSE_MS).unref()
  }
}

/** Whoever stops a process that starts need not wait longer for it. */
const START_PATIENCE_MS = 2_000

/** What has started; null where a stop is asked for and the start does not end soon. */
async function unlessStopped<T>(
  starting: Promise<T>,
  signal: Promise<NodeJS.Signals>,
  log: Logger,
): Promise<T | null> {
  const impatience = signal.then((name) => delay(START_PATIENCE_MS, name, { ref: false }))
  const outcome = await Promise.race([starting.then((value) => ({ value })), impatience])
  if (typeof outcome !== 'string') return outcome.value
  log.info({ signal: outcome }, 'stopped before it had started')
  // Nobody hears any more how it ends.
  starting.catch(() => undefined)
  return null
}

/** For what was closed to be gone, such as a connection whose other side hangs. */
const CLOSE_MS = 1_000
/** An embedded Postgres writes its data down first. */
const STAND_INS_STOP_MS = 15_000

const LOG_WRITE_MS = 100

/** Parts of the worker that are threads: of the images, and the one that calls the models. */
const THREADS = ['threads', 'models']

/**
 * Node's names of what is left while a call of the file system goes on: one that a thread of libuv makes, or the port of
 * a thread that has been told to end and makes one itself, as that of an image folder does.
 */
const FILE_CALL = /^(FSReq|MessagePort)/
/** One that takes longer than this hangs. */
const FILE_CALL_MS = 1_000

/**
 * Ends the process although something is still open: what it waits for may never come. That is no failure where every
 * part has closed, which `isClosed` says: a timer of some library is left then, or the machine is slow.
 */
function endProcess(log: Logger, left: readonly string[], isClosed: boolean): void {
  const fields = { resources: process.getActiveResourcesInfo() }
  if (isClosed) log.warn(fields, 'the process was ended before it ended by itself')
  else log.error(fields, 'the process was ended with something still open')
  // An exit waits for the native code that runs on other threads, which may hang as well. A kill does not, and so not
  // for the last lines of the log either.
  const kill = () => process.kill(process.pid, 'SIGKILL')
  const exit = () => process.exit(process.exitCode ?? (isClosed ? EXIT.ok : EXIT.failed))
  if (THREADS.some((part) => left.includes(part))) setTimeout(kill, LOG_WRITE_MS)
  else if (isCallingFiles()) setTimeout(() => (isCallingFiles() ? kill() : exit()), FILE_CALL_MS)
  else exit()
}

function isCallingFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => FILE_CALL.test(name))
}

/**
 * One Ctrl-C arrives twice under npm, and one SIGTERM under timeout(1): from the group and from the parent. So soon
 * after the first, a signal is its echo.
 */
const ECHO_MS = 500

/** The first signal drains; a second one ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAtMs: number | undefined
    for (const [signal, number] of [
      ['SIGTERM', 15],
      ['SIGINT', 2],
      ['SIGHUP', 1],
    ] as const) {
      process.on(signal, () => {
        const nowMs = performance.now()
        if (askedAtMs === undefined) {
          askedAtMs = nowMs
          resolve(signal)
        } else if (nowMs - askedAtMs > ECHO_MS) process.exit(128 + number)
      })
    }
  })
}
