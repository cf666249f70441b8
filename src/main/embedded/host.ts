/**
 * The process that runs the stand-ins of a data folder, apart from the workers so that they share neither its event
 * loop nor its image library. It is the only one on its folder, and ends with the last process that uses it, however
 * that ended.
 */
import { randomBytes } from 'node:crypto'
import { ControlServer } from './control-server.ts'
import { HostCall } from './host-call.ts'
import { acquireHostLock, type HostLock } from './host-lock.ts'
import type { HostReport, HostRequest } from './host-process.ts'
import { HostedServices } from './hosted-services.ts'
import { limitReached } from '../process-limits.ts'

async function host({ dataDir }: HostRequest): Promise<void> {
  let lock: HostLock | null = null
  let ending: Promise<void> | undefined
  const end = (reason: string | null): Promise<void> => {
    ending ??= (async () => {
      control.announceEnd(reason)
      await services.stop()
      // Last: until then the next host has to wait.
      await lock?.release()
      process.exit(reason === null ? 0 : 1)
    })()
    return ending
  }
  const endIfDeserted = () => {
    if (!control.hasUsers && !process.connected) void end(null)
  }
  // Ctrl-C, a hang-up and a supervisor's signal reach whole groups; the worker still needs its services to drain.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

  const services = new HostedServices(dataDir, (reason) => void end(reason))
  const token = randomBytes(16).toString('hex')
  const control = await ControlServer.listen(token, {
    start: (standIns) =>
      services.start(standIns).then(
        (addresses) => ({ kind: 'ready', addresses }),
        (error: unknown) => ({ kind: 'failed', error: describe(error) }),
      ),
    onDeserted: endIfDeserted,
  })
  lock = await acquireHostLock(dataDir, { pid: process.pid, port: control.port, token }, async (holder) => {
    const call = await HostCall.open(holder, [])
    void call?.leave()
    return call !== null
  })
  if (!lock) {
    await report({ kind: 'occupied' })
    process.exit(0)
  }
  // The parent is a user before it disconnects, unless it has died.
  process.on('disconnect', endIfDeserted)
  if (process.connected) await report({ kind: 'listening' })
  else await end(null)
}

function describe(error: unknown): string {
  return limitReached(error)?.message ?? (error instanceof Error ? error.message : String(error))
}

function report(message: HostReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve())
    else resolve()
  })
}

try {
  await host(JSON.parse(process.argv[2] ?? '') as HostRequest)
} catch (error) {
  await report({ kind: 'failed', error: describe(error) })
  process.exit(1)
}
