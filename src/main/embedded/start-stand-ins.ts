import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { anyGone, findRunning, type StandInRecord } from './records.ts'
import type { Addresses, HostReport, HostRequest, StandIn } from './stand-in.ts'

export type RunningStandIns = {
  readonly addresses: Addresses
  /** Those that were found running, and belong to another process. */
  readonly adopted: readonly StandIn[]
  /** Resolves when any of them ends without being asked to. */
  readonly lost: Promise<void>
  /** Stops those that were started here. A second call waits for the first. */
  readonly stop: () => Promise<void>
}

/** A stand-in could not be started; the message says why and how to do without. */
export class StandInError extends Error {
  override readonly name = 'StandInError'
}

/** Makes sure that the stand-ins run: uses those of another process on the same data folder, starts the rest. */
export async function startStandIns(wanted: readonly StandIn[], dataDir: string): Promise<RunningStandIns> {
  const found = await findRecords(wanted, dataDir)
  const adopted = wanted.filter((standIn) => found.has(standIn))
  const missing = wanted.filter((standIn) => !found.has(standIn))
  const host = missing.length === 0 ? NO_HOST : await startHost({ standIns: missing, dataDir })
  return {
    addresses: { ...addressesOf(found), ...host.addresses },
    adopted,
    lost: Promise.race(found.size === 0 ? [host.lost] : [host.lost, anyGone(pidsOf(found))]),
    stop: host.stop,
  }
}

/** The addresses of those that run on this data folder now. */
export async function findStandIns(wanted: readonly StandIn[], dataDir: string): Promise<Addresses> {
  return addressesOf(await findRecords(wanted, dataDir))
}

async function findRecords(
  wanted: readonly StandIn[],
  dataDir: string,
): Promise<Map<StandIn, StandInRecord>> {
  const found = new Map<StandIn, StandInRecord>()
  await Promise.all(
    wanted.map(async (standIn) => {
      const record = await findRunning(dataDir, standIn)
      if (record) found.set(standIn, record)
    }),
  )
  return found
}

const pidsOf = (records: ReadonlyMap<StandIn, StandInRecord>) => [...records.values()].map(({ pid }) => pid)

function addressesOf(records: ReadonlyMap<StandIn, StandInRecord>): Addresses {
  return Object.fromEntries([...records].map(([standIn, { address }]) => [standIn, address]))
}

type RunningHost = Omit<RunningStandIns, 'adopted'>

const never = new Promise<void>(() => undefined)
const NO_HOST: RunningHost = { addresses: {}, lost: never, stop: () => Promise.resolve() }

async function startHost(request: HostRequest): Promise<RunningHost> {
  const fromSources = import.meta.url.endsWith('.ts')
  const path = fileURLToPath(new URL(`./host.${fromSources ? 'ts' : 'js'}`, import.meta.url))
  const child = fork(path, [JSON.stringify(request)], {
    execArgv: fromSources ? ['--import', 'tsx'] : [],
    // A process group of its own: a Ctrl-C meant for the worker does not reach it.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const report = await Promise.race([
    once(child, 'message').then(([message]) => message as HostReport),
    exited.then(([code]): HostReport => ({ ready: false, error: `its process ended with code ${code}` })),
  ])
  if (!report.ready) {
    await exited
    throw new StandInError(`the embedded ${request.standIns.join(', ')} could not start: ${report.error}`)
  }
  // The worker's own connections keep it alive as long as it needs to live.
  child.unref()
  child.channel?.unref()
  let stopped: Promise<unknown> | undefined
  return {
    addresses: report.addresses,
    lost: exited.then(() => (stopped ? never : undefined)),
    stop: async () => {
      if (!stopped) {
        child.ref()
        stopped = exited
        if (child.connected) child.disconnect()
      }
      await stopped
    },
  }
}
