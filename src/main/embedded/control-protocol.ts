import type { Socket } from 'node:net'
import type { Addresses, StandIn } from './stand-in.ts'

/** What a process that wants stand-ins says once. It uses them as long as its connection stays open. */
export type ControlRequest = {
  readonly token: string
  /** To be started unless they run. */
  readonly start: readonly StandIn[]
}

/** What the host says: greeting or ending at once, ready or failed in its time, and perhaps lost at its end. */
export type ControlReply =
  | { readonly kind: 'greeting' }
  /** It is about to end; the connection closes when it has. */
  | { readonly kind: 'ending' }
  /** The addresses of all that runs. */
  | { readonly kind: 'ready'; readonly addresses: Addresses }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'lost'; readonly reason: string }

/** One JSON object a line. */
export function sendLine(socket: Socket, message: ControlRequest | ControlReply): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
}

/** The fields of a JSON object; null for anything else. Whoever sent it may be no host and no user of one. */
export function parseLine(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
