import { Server, ServerCredentials } from '@grpc/grpc-js'
import { loadProtocol } from './protocol.ts'
import { MAX_REQUEST_BYTES } from './publish-request.ts'
import { publisherService } from './publisher-service.ts'
import { unavailable } from './status-error.ts'
import { subscriberService } from './subscriber-service.ts'
import { Subscriptions } from './subscriptions.ts'
import { Topics } from './topics.ts'

export type PubSubServerOptions = {
  /** A name or an IPv4 address, which is what the client can connect to; default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
}

export type PubSubServer = {
  /** HOST:PORT, as PUBSUB_EMULATOR_HOST takes it. */
  readonly address: string
  /** Ends every stream with UNAVAILABLE and stops. A second call waits for the first. */
  readonly stop: () => Promise<void>
}

/** What is too large is refused by name up to here; beyond, gRPC itself refuses it. */
const MAX_RECEIVE_BYTES = 2 * MAX_REQUEST_BYTES
/** For clients to take note that their calls have ended. */
const STOP_GRACE_MS = 1_000

/**
 * Starts a Pub/Sub server in this process, for the unmodified client of Google Cloud Pub/Sub: topics, subscriptions,
 * publishing and pulling, with leases, redelivery, flow control, ordering keys, retry and dead-letter policies and
 * exactly-once delivery. There are no push deliveries, exports, filters, transforms, schemas, snapshots, seeking or
 * access control: each is refused rather than ignored.
 *
 * Everything is in memory and ends with the server. Messages are kept until they are acknowledged, whatever the
 * retention and expiry that were asked for: what nobody acknowledges adds up.
 *
 * Rejects when it cannot listen there.
 */
export async function startPubSubServer(options: PubSubServerOptions): Promise<PubSubServer> {
  const { host = '127.0.0.1', port = 0 } = options
  const protocol = await loadProtocol()
  const topics = new Topics()
  const subscriptions = new Subscriptions(topics)
  const server = new Server({
    'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
    'grpc.max_send_message_length': -1,
  })
  server.addService(protocol.publisher, publisherService(topics))
  server.addService(protocol.subscriber, subscriberService(subscriptions))
  const boundPort = await listen(server, `${host}:${port}`)
  let stopped: Promise<void> | undefined
  return {
    address: `${host}:${boundPort}`,
    stop: () => {
      stopped ??= stop(server, subscriptions)
      return stopped
    },
  }
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) {
        server.forceShutdown()
        reject(
          new Error(`the Pub/Sub server cannot listen on ${address}: ${error.message}`, { cause: error }),
        )
      } else resolve(port)
    })
  })
}

async function stop(server: Server, subscriptions: Subscriptions): Promise<void> {
  subscriptions.close(unavailable('the server is stopping'))
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, STOP_GRACE_MS)
    server.tryShutdown(() => {
      clearTimeout(force)
      resolve()
    })
  })
}
