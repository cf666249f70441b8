import { setTimeout as delay } from 'node:timers/promises'
import { Command, Option } from 'commander'
import type { Logger } from 'pino'
import { loadConfig, type Config } from '../config/config.ts'
import { misspeltVariables } from '../config/misspelt.ts'
import { STAND_INS } from '../embedded/stand-in.ts'
import { causeOf, openEndpoints } from '../endpoints.ts'
import { Membership } from '../processes/membership.ts'
import { checkHealthPort } from '../telemetry/health-server.ts'
import { createLogger } from '../telemetry/logger.ts'
import { EXIT } from './exit-codes.ts'
import { endProcess } from './process-end.ts'
import { stopSignal } from './stop-signal.ts'

export function startCommand(): Command {
  return (
    new Command('start')
      .description('run the worker until SIGTERM or SIGINT; embedded stand-ins serve what has no address')
      // Which of several processes this one is, from the one that starts them.
      .addOption(new Option('--process <number>').hideHelp().argParser(Number))
      .addHelpText('after', HELP)
      .action((options: { process?: number }) => start(options.process))
  )
}

const HELP = `
It is set up through the environment; "concept-worker config" prints what is in
force. The log goes to standard output, one JSON object a line. The first signal
lets tasks in hand end, a second one ends the process at once.`

async function start(number: number | undefined): Promise<void> {
  const config = loadConfig(process.env)
  if (number !== undefined) {
    const membership = new Membership()
    const log = createLogger(config.logLevel, undefined, { process: number })
    await run(config, log, Promise.race([stopSignal(), membership.orphaned]), membership).finally(() =>
      membership.end(),
    )
    return
  }
  const log = createLogger(config.logLevel)
  for (const { given, meant } of misspeltVariables(process.env)) {
    log.warn({ variable: given, meant: meant.join(' or ') }, 'a variable of this name is not read')
  }
  if (config.processes > 1) {
    const { runProcesses } = await import('../processes/primary.ts')
    process.exitCode = await runProcesses(config, stopSignal, log)
  } else await run(config, log, stopSignal())
}

/** Resolves once the worker has drained. */
async function run(
  config: Config,
  log: Logger,
  signal: Promise<StopReason>,
  membership?: Membership,
): Promise<void> {
  await checkHealthPort(config.http)
  const opening = openEndpoints(config, STAND_INS)
  const endpoints = await unlessStopped(opening, signal, log)
  // What is half-way there notices the end of this process.
  if (!endpoints) return endProcess(log, [], true)
  let left: readonly string[] = []
  try {
    for (const standIn of endpoints.standIns) {
      const ofAnother = endpoints.adopted.includes(standIn)
      // That of Postgres has its password in it.
      const address = standIn === 'pubsub' ? { address: endpoints.pubsubHost } : {}
      log.warn({ standIn, ofAnother, dataDir: config.dataDir, ...address }, 'embedded stand-in in use')
    }
    log.info({ storage: config.storage.url }, 'images are stored here')
    const { startWorker } = await import('../worker.ts')
    const unwanted = new AbortController()
    const starting = startWorker(config, endpoints, log, { unwanted: unwanted.signal })
    const worker = await unlessStopped(starting, signal, log)
    // A task that it claimed now would be lost with the process.
    if (!worker) return unwanted.abort()
    membership?.begin({ readiness: worker.readiness, metrics: () => worker.metrics.counted() })
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

/** `orphaned`: the process that started this one and others is gone. */
type StopReason = NodeJS.Signals | 'orphaned'

/** Whoever stops a process that starts need not wait longer for it. */
const START_PATIENCE_MS = 2_000

/** What has started; null where a stop is asked for and the start does not end soon. */
async function unlessStopped<T>(
  starting: Promise<T>,
  signal: Promise<StopReason>,
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
