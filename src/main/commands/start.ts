import { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { STAND_INS } from '../embedded/stand-in.ts'
import { causeOf, openEndpoints } from '../endpoints.ts'
import { createLogger } from '../telemetry/logger.ts'
import { EXIT } from './exit-codes.ts'

export function startCommand(): Command {
  return new Command('start')
    .description('run the worker until SIGTERM or SIGINT; embedded stand-ins serve what has no address')
    .action(start)
}

/** Resolves once the worker has drained. */
async function start(): Promise<void> {
  const config = loadConfig(process.env)
  const log = createLogger(config.logLevel)
  const signal = stopSignal()
  const endpoints = await openEndpoints(config, STAND_INS)
  try {
    for (const standIn of endpoints.standIns) {
      const ofAnother = endpoints.adopted.includes(standIn)
      log.warn({ standIn, ofAnother, dataDir: config.dataDir }, 'embedded stand-in in use')
    }
    log.info({ storage: config.storage.url }, 'images are stored here')
    const { startWorker } = await import('../worker.ts')
    const worker = await startWorker(config, endpoints, log)
    const end = await Promise.race([
      signal.then((name) => ({ signal: name })),
      endpoints.lost.then((reason) => ({ reason })),
    ])
    if ('reason' in end) {
      log.fatal(end, 'the embedded stand-ins ended by themselves')
      process.exitCode = EXIT.unavailable
    } else log.info(end, 'stop requested')
    await worker.stop()
  } catch (error) {
    throw await causeOf(error, endpoints)
  } finally {
    await endpoints.stop()
  }
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
