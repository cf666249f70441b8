import { Server, ServerCredentials } from '@grpc/grpc-js'
import { NO_JOURNAL, snapshotOf } from './journal.ts'
import { JournalFile } from './journal-file.ts'
import { loadProtocol } from './protocol.ts'
import { MAX_REQUEST_BYTES } from './publish-request.ts'
import { publisherService } from './publisher-service.ts'
import { unavailable } from './status-error.ts'
import { StoredState } from './stored-state.ts'
import { subscriberService } from './subscriber-service.ts'
import { Subscriptions } from './subscriptions.ts'
import { Topics } from './topics.ts'

export type PubSubServerOptions = {
  /** A name or an IPv4 address, which is what the client can connect to; default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /**
   * File that keeps topics, subscriptions and what is not acknowledged from one server to the next; its folder is
   * made where it is missing. Nobody else may use it. Default: everything ends with the server.
   */
  readonly journal?: string
}

export type PubSubServer = {
  /** HOST:PORT, as PUBSUB_EMULATOR_HOST takes it. */
  readonly address: string
  /** Resolves with what went wrong when the journal cannot be written; from then on every change is refused. */
  readonly failed: Promise<Error>
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
 * Everything is in memory, and with a journal also in its file: a change is answered when the file has it, so that the
 * next server goes on where this one ended, were it killed. Only how often a message has failed, and when it is due
 * again, is forgotten; acknowledgements that come on a stream, as no client here sends them, may be. Messages are kept
 * until they are acknowledged, whatever the retention and expiry that were asked for: what nobody acknowledges adds up.
 *
 * Rejects when it cannot listen there, and when the journal cannot be used.
 */
export async function startPubSubServer(options: PubSubServerOptions): Promise<PubSubServer> {
  const { host = '127.0.0.1', port = 0 } = options
  const protocol = await loadProtocol()
  const { topics, subscriptions, journal } = await openState(options.journal)
  const server = new Server({
    'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
    'grpc.max_send_message_length': -1,
  })
  server.addService(protocol.publisher, publisherService(topics, journal ?? NO_JOURNAL))
  server.addService(protocol.subscriber, subscriberService(subscriptions, journal ?? NO_JOURNAL))
  const boundPort = await listen(server, `${host}:${port}`).catch(async (error: unknown) => {
    await journal?.close()
    throw error
  })
  let stopped: Promise<void> | undefined
  return {
    address: `${host}:${boundPort}`,
    failed: journal?.failed ?? new Promise(() => undefined),
    stop: () => {
      stopped ??= stop(server, subscriptions).then(() => journal?.close())
      return stopped
    },
  }
}

type State = {
  readonly topics: Topics
  readonly subscriptions: Subscriptions
  readonly journal: JournalFile | null
}

async function openState(path: string | undefined): Promise<State> {
  if (path === undefined) {
    const topics = new Topics(NO_JOURNAL)
    return { topics, subscriptions: new Subscriptions(topics, NO_JOURNAL), journal: null }
  }
  const stored = await StoredState.read(path)
  const restored = [...stored.subscriptions.values()].map(({ resource, messages }) => ({
    resource,
    messages: [...messages.values()],
  }))
  const records = snapshotOf({ topics: stored.topics.values(), subscriptions: restored })
  const journal = await JournalFile.create(path, records, () =>
    snapshotOf({
      topics: topics.all,
      subscriptions: subscriptions.all.map(({ resource, kept }) => ({ resource, messages: kept })),
    }),
  )
  const topics = new Topics(journal, stored.lastMessageId)
  const subscriptions = new Subscriptions(topics, journal)
  for (const resource of stored.topics.values()) topics.restore(resource)
  for (const { resource, messages } of restored) subscriptions.restore(resource, messages)
  return { topics, subscriptions, journal }
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
