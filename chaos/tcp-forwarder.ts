import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** One loopback address for a service that comes back on another port each time it is started. */
export class TcpForwarder {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #targetPort: number | null = null

  private constructor() {
    this.#server = createServer((client) => this.#forward(client))
  }

  static async listen(): Promise<TcpForwarder> {
    const forwarder = new TcpForwarder()
    forwarder.#server.listen(0, '127.0.0.1')
    await once(forwarder.#server, 'listening')
    return forwarder
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Where connections go from now on; null: they are cut, as those that are open are in any case. */
  set targetPort(port: number | null) {
    this.#targetPort = port
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.targetPort = null
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #forward(client: Socket): void {
    if (this.#targetPort === null) return void client.destroy()
    const upstream = connect(this.#targetPort, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }
}
