import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { parseLine, sendLine, type ControlReply, type ControlRequest } from './control-protocol.ts'
import type { StandIn } from './stand-in.ts'

export type ControlHandler = {
  /** Starts what does not run, and says how that went. */
  readonly start: (standIns: readonly StandIn[]) => Promise<ControlReply>
  /** The last user has left, or died. */
  readonly onDeserted: () => void
}

/**
 * Where the host is asked for its stand-ins, on a free port of the loopback address. Every open connection is a
 * user; the system closes those of processes that were killed.
 */
export class ControlServer {
  readonly #server: Server
  readonly #token: string
  readonly #handler: ControlHandler
  readonly #users = new Set<Socket>()
  #isEnding = false

  private constructor(token: string, handler: ControlHandler) {
    this.#token = token
    this.#handler = handler
    // Half-open: the last user that leaves waits for the end of its connection, which is that of this process.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
  }

  static async listen(token: string, handler: ControlHandler): Promise<ControlServer> {
    const control = new ControlServer(token, handler)
    control.#server.listen(0, '127.0.0.1')
    await once(control.#server, 'listening')
    return control
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get hasUsers(): boolean {
    return this.#users.size > 0
  }

  /** Whoever asks from now on is told to wait for the end; the users get the reason, if there is one. */
  announceEnd(reason: string | null): void {
    this.#isEnding = true
    if (reason !== null) for (const user of this.#users) sendLine(user, { kind: 'lost', reason })
  }

  #accept(socket: Socket): void {
    const leave = () => {
      if (this.#users.delete(socket) && !this.hasUsers) this.#handler.onDeserted()
      if (!this.#isEnding) socket.end()
    }
    socket.on('end', leave).on('close', leave)
    const lines = createInterface({ input: socket })
    // A connection that breaks is closed, too. Both tell of the same error, and either would end the process.
    for (const source of [socket, lines]) source.on('error', () => undefined)
    lines.once('line', (line) => void this.#answer(socket, line))
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const request = parseLine(line) as ControlRequest | null
    if (request?.token !== this.#token) {
      socket.destroy()
      return
    }
    if (this.#isEnding) {
      sendLine(socket, { kind: 'ending' })
      return
    }
    this.#users.add(socket)
    sendLine(socket, { kind: 'greeting' })
    sendLine(socket, await this.#handler.start(request.start))
  }
}
