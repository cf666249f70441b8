/** What can be stood in for by something embedded. */
export const STAND_INS = ['postgres', 'pubsub', 'models'] as const
export type StandIn = (typeof STAND_INS)[number]

/** Where each runs: a database URL, HOST:PORT, and an endpoint URL. */
export type Addresses = { readonly [name in StandIn]?: string }

/** What the host process is told on its command line. */
export type HostRequest = {
  readonly standIns: readonly StandIn[]
  /** Absolute path. */
  readonly dataDir: string
}

/** What the host process says once. */
export type HostReport =
  { readonly ready: true; readonly addresses: Addresses } | { readonly ready: false; readonly error: string }
