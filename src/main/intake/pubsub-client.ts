import { PubSub } from '@google-cloud/pubsub'

/** gRPC's own settings pass through the client: after an outage it is back within two seconds. */
const CHANNEL_SETTINGS = { 'grpc.max_reconnect_backoff_ms': 2_000 }

/**
 * Without it the client looks for credentials even where it needs none, and asks the machine's metadata server
 * for them.
 */
const NO_CREDENTIALS = { clientOptions: { universeDomain: 'googleapis.com' } }

/** The Pub/Sub client; a host means an emulator or the embedded server, without credentials. */
export function createPubSub(project: string, host: string | null): PubSub {
  return new PubSub({
    projectId: project,
    ...CHANNEL_SETTINGS,
    ...(host === null ? {} : { apiEndpoint: host, emulatorMode: true, ...NO_CREDENTIALS }),
  })
}
