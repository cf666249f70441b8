import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type StallingProxy = {
  /** The address that was given, with the proxy's host and port in place of its own. */
  readonly url: string
  /** Connections that were made so far. */
  readonly connections: number
  /** From now on nothing goes through, while every connection stays open and new ones are accepted. */
  stall(): void
  /** As `stall`, but only for the connections that are open now. */
  stallOpen(): void
  /** Every connection breaks, and new ones are hung up on, as if nobody listened, until `resume`. */
  cut(): void
  /** What was held back goes through, and everything after it. */
  resume(): void
  stop(): Promise<void>
}

/** A loopback proxy before a TCP server, which can hang as a machine or a network does. */
export async function startStallingProxy(target: string): Promise<StallingProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let stalled = false
  let isCut = false
  let connections = 0
  const server = createServer({ pauseOnConnect: true }, (client) => {
    connections++
    if (isCut) {
      client.destroy()
      return
    }
    const upstream = connect(Number(port), hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => to.write(chunk))
      from.on('end', () => to.end())
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    if (stalled) for (const socket of [client, upstream]) socket.pause()
    else client.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const stallOpen = () => {
    for (const socket of sockets) socket.pause()
  }
  return {
    url: url.href,
    get connections() {
      return connections
    },
    stall() {
      stalled = true
      stallOpen()
    },
    stallOpen,
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    resume() {
      stalled = false
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
