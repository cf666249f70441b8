import { join } from 'node:path'
import type { Addresses, StandIn } from './stand-in.ts'

type Running = {
  readonly address: string
  /** Resolves with the reason when it no longer does its work. */
  readonly lost: Promise<string>
  readonly stop: () => Promise<void>
}

/** The stand-ins that run in this process, or as its children. */
export class HostedServices {
  readonly #dataDir: string
  readonly #onLost: (reason: string) => void
  readonly #started = new Map<StandIn, Promise<Running>>()

  /** @param onLost hears of each that fails, and also of each that was stopped. */
  constructor(dataDir: string, onLost: (reason: string) => void) {
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
      void running.lost.then(this.#onLost)
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

const never = new Promise<never>(() => undefined)

/** Loads only what it starts. */
async function launch(standIn: StandIn, dataDir: string): Promise<Running> {
  switch (standIn) {
    case 'postgres': {
      const { startPostgres } = await import('./postgres/cluster.ts')
      const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), durable: true })
      const lost = postgres.lost.then(() => 'the embedded postgres has ended')
      return { address: postgres.url, lost, stop: () => postgres.stop() }
    }
    case 'pubsub': {
      const { startPubSubServer } = await import('./pubsub/server.ts')
      const server = await startPubSubServer({ journal: join(dataDir, 'pubsub', 'journal') })
      const lost = server.failed.then(
        ({ message }) => `the embedded pubsub cannot keep its messages: ${message}`,
      )
      return { address: server.address, lost, stop: () => server.stop() }
    }
    case 'models': {
      const { startModelServer } = await import('./model-server/server.ts')
      const server = await startModelServer({})
      return { address: server.url, lost: never, stop: () => server.stop() }
    }
  }
}
