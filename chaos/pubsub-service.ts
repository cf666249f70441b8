import { startPubSubServer, type PubSubServer } from '../src/main/embedded/pubsub/server.ts'

/** A Pub/Sub server that forgets everything and comes back at the same address. */
export class PubSubService {
  #server: PubSubServer

  private constructor(server: PubSubServer) {
    this.#server = server
  }

  static async start(): Promise<PubSubService> {
    return new PubSubService(await startPubSubServer({}))
  }

  get address(): string {
    return this.#server.address
  }

  async restartEmpty(): Promise<void> {
    const port = Number(this.#server.address.split(':').at(-1))
    await this.#server.stop()
    this.#server = await startPubSubServer({ port })
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }
}
