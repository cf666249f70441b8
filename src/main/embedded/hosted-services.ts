import { join } from 'node:path'
import type { Addresses, StandIn } from './stand-in.ts'

type Running = {
  readonly address: string
  /** Resolves when it has ended by itself. */
  readonly lost: Promise<void>
  readonly stop: () => Promise<void>
}

/** The stand-ins that run in this process, or as its children. */
export class HostedServices {
  readonly #dataDir: string
  readonly #onLost: (standIn: StandIn) => void
  readonly #started = new Map<StandIn, Promise<Running>>()

  /** @param onLost hears of each that ends, whether it was stopped or not. */
  constructor(dataDir: string, onLost: (standIn: StandIn) => void) {
    this.#dataDir = dataDir
    this.#onLost = onLost
  }

  /** Starts what does not run yet, and answers the addresses of all that runs. Rejects where one cannot start. */
  async start(standIns: readonly StandIn[]): Promise<Addresses> {
    await Promise.all(standIns.map((standIn) => this.#started.get(standIn) ?? this.#start(standIn)))
    return Object.fromEntries((await this.#running()).map(([standIn, { address }]) => [standIn, address]))
  }

  /** Waits for what is starting, and stops everything. Rejects once all that can be stopped is. */
  async stop(): Promise<void> {
    const running = await this.#running()
    const outcomes = await Promise.allSettled(running.map(([, service]) => service.stop()))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #start(standIn: StandIn): Promise<Running> {
    const starting = launch(standIn, this.#dataDir)
    this.#started.set(standIn, starting)
    try {
      const running = await starting
      void running.lost.then(() => this.#onLost(standIn))
      return running
    } catch (error) {
      this.#started.delete(standIn)
      throw error
    }
  }

  async #running(): Promise<[StandIn, Running][]> {
    const entries = await Promise.all(
      [...this.#started].map(([standIn, starting]) =>
        starting.then(
          (running): [StandIn, Running] => [standIn, running],
          () => null,
        ),
      ),
    )
    return entries.filter((entry) => entry !== null)
  }
}

const never = new Promise<void>(() => undefined)

/** Loads only what it starts. */
async function launch(standIn: StandIn, dataDir: string): Promise<Running> {
  switch (standIn) {
    case 'postgres': {
      const { startPostgres } = await import('./postgres/cluster.ts')
      const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), durable: true })
      return { address: postgres.url, lost: postgres.lost, stop: () => postgres.stop() }
    }
    case 'pubsub': {
      const { startPubSubServer } = await import('./pubsub/server.ts')
      const server = await startPubSubServer({})
      return { address: server.address, lost: never, stop: () => server.stop() }
    }
    case 'models': {
      const { startModelServer } = await import('./model-server/server.ts')
      const server = await startModelServer({})
      return { address: server.url, lost: never, stop: () => server.stop() }
    }
  }
}
