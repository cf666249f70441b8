import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from './config/config.ts'
import { findStandIns, startStandIns } from './embedded/start-stand-ins.ts'
import { StandInError, type Addresses, type StandIn } from './embedded/stand-in.ts'

/** Where the worker's services are, from the environment or from embedded stand-ins. */
export type ServiceAddresses = {
  readonly databaseUrl: string
  /** Null: Google Cloud itself. */
  readonly pubsubHost: string | null
  /** Null: Hugging Face's routed providers. */
  readonly modelEndpointUrl: string | null
}

/** The addresses, and what runs for them. */
export type Endpoints = ServiceAddresses & {
  /** What is stood in for. */
  readonly standIns: readonly StandIn[]
  /** Those of them that were found running. */
  readonly adopted: readonly StandIn[]
  /** Resolves with the reason when any of the stand-ins ends without being asked to. */
  readonly lost: Promise<string>
  /** Stops the stand-ins, unless another process uses them. */
  readonly stop: () => Promise<void>
}

/** Those of the wanted services for which the environment has no address. */
export function neededStandIns(config: Config, wanted: readonly StandIn[]): StandIn[] {
  const isEmbedded: Readonly<Record<StandIn, boolean>> = {
    postgres: config.database.url === null,
    pubsub: config.pubsub.embedded,
    models: config.models.embedded,
  }
  return wanted.filter((name) => isEmbedded[name])
}

/** Starts the stand-ins that are needed, or uses those that run on the same data folder. */
export async function openEndpoints(config: Config, wanted: readonly StandIn[]): Promise<Endpoints> {
  const standIns = neededStandIns(config, wanted)
  const { addresses, ...running } = await startStandIns(standIns, config.dataDir)
  return { ...resolve(config, addresses), standIns, ...running }
}

/** Only what runs already; null where a stand-in that is needed does not. */
export async function findEndpoints(
  config: Config,
  wanted: readonly StandIn[],
): Promise<ServiceAddresses | null> {
  const standIns = neededStandIns(config, wanted)
  const addresses = await findStandIns(standIns, config.dataDir)
  return standIns.every((name) => addresses[name] !== undefined) ? resolve(config, addresses) : null
}

/** A broken connection is noticed within milliseconds, the end of a process somewhat later. */
const LOSS_NOTICE_MS = 1_000

/** What made work on the endpoints fail: the loss of the stand-ins, where that is behind the error, or the failure itself. */
export async function causeOf(failure: unknown, { standIns, lost }: Endpoints): Promise<unknown> {
  if (standIns.length === 0) return failure
  const reason = await Promise.race([lost, delay(LOSS_NOTICE_MS, null)])
  return reason === null ? failure : new StandInError(reason, { cause: failure })
}

function resolve(config: Config, addresses: Addresses): ServiceAddresses {
  return {
    databaseUrl: config.database.url ?? addresses.postgres ?? '',
    pubsubHost: config.pubsub.emulatorHost ?? addresses.pubsub ?? null,
    modelEndpointUrl: config.models.endpointUrl ?? addresses.models ?? null,
  }
}
