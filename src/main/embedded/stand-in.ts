/** What can be stood in for by something embedded. */
export const STAND_INS = ['postgres', 'pubsub', 'models'] as const
export type StandIn = (typeof STAND_INS)[number]

/** Where each runs: a database URL, HOST:PORT, and an endpoint URL. */
export type Addresses = { readonly [name in StandIn]?: string }

/** A stand-in could not be started or reached; the message says why. */
export class StandInError extends Error {
  override readonly name = 'StandInError'
}
