import { HostCall } from './host-call.ts'
import { readHostRecord } from './host-lock.ts'
import { startHostProcess, type HostProcess } from './host-process.ts'
import { StandInError, unusableDataFolder, type Addresses, type StandIn } from './stand-in.ts'

export type RunningStandIns = {
  readonly addresses: Addresses
  /** Those that were found running: another process had started their host. */
  readonly adopted: readonly StandIn[]
  /** Resolves with the reason when any of them ends without being asked to. */
  readonly lost: Promise<string>
  /** Uses them no longer: they end, unless another process uses them. A second call waits for the first. */
  readonly stop: () => Promise<void>
}

const NOTHING: RunningStandIns = {
  addresses: {},
  adopted: [],
  lost: new Promise(() => undefined),
  stop: () => Promise.resolve(),
}

/**
 * Makes sure that the stand-ins run, in the one host that a data folder has: the one that another process started
 * and that may be starting still, or a new one. It runs until the last process that uses it stops, or dies.
 */
export async function startStandIns(wanted: readonly StandIn[], dataDir: string): Promise<RunningStandIns> {
  if (wanted.length === 0) return NOTHING
  for (let own: HostProcess | null = null; ;) {
    const call = await callHost(dataDir, wanted)
    own?.release()
    const outcome = await call?.outcome()
    if (call && outcome?.kind === 'ready') return running(call, outcome.addresses, own ? [] : wanted)
    if (call && outcome?.kind === 'failed') {
      await call.leave()
      throw couldNotStart(wanted, outcome.error)
    }
    // The host that was there has ended before it was ready: the next one is ours, or that of a quicker process.
    if (own) throw couldNotStart(wanted, 'the process that runs them has ended')
    own = await startHostProcess({ dataDir })
  }
}

/** The addresses of those that run on this data folder now, or are starting. */
export async function findStandIns(wanted: readonly StandIn[], dataDir: string): Promise<Addresses> {
  if (wanted.length === 0) return {}
  const call = await callHost(dataDir, [])
  const outcome = await call?.outcome()
  await call?.leave()
  return outcome?.kind === 'ready' ? outcome.addresses : {}
}

async function callHost(dataDir: string, start: readonly StandIn[]): Promise<HostCall | null> {
  const record = await readHostRecord(dataDir).catch((error: unknown) => {
    throw unusableDataFolder(dataDir, error)
  })
  return record ? HostCall.open(record, start) : null
}

function running(call: HostCall, addresses: Addresses, adopted: readonly StandIn[]): RunningStandIns {
  let stopped: Promise<void> | undefined
  return {
    addresses,
    adopted,
    lost: call.lost().then((reason) => (stopped ? new Promise<string>(() => undefined) : reason)),
    stop: () => (stopped ??= call.leave()),
  }
}

const couldNotStart = (standIns: readonly StandIn[], reason: string) =>
  new StandInError(`the embedded ${standIns.join(', ')} could not start: ${reason}`)
