import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type LoopbackServer = {
  readonly port: number
  /** How many connections have come in so far, and which paths were asked for. */
  readonly seen: { connections: number; readonly paths: string[] }
  /** Settles once no connection is open any more. */
  allClosed(): Promise<void>
}

/** An HTTP server on the machine itself, for one test. */
export async function serve(
  listener: RequestListener,
  address: { host: string; port: number } = { host: '127.0.0.1', port: 0 },
): Promise<LoopbackServer> {
  const server = createServer()
  const watched = await watch(server, address)
  server.on('request', (request, response) => {
    watched.seen.paths.push(request.url ?? '')
    listener(request, response)
  })
  return watched
}

/** Lets any server listen for one test, and counts its connections. */
export async function watch(
  server: Server,
  address: { host: string; port: number } = { host: '127.0.0.1', port: 0 },
): Promise<LoopbackServer> {
  const seen = { connections: 0, paths: new Array<string>() }
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    seen.connections += 1
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => {
      open.delete(socket)
      server.emit('gone')
    })
  })
  server.listen(address.port, address.host)
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of open) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async allClosed() {
      while (open.size > 0) await once(server, 'gone')
    },
  }
}
