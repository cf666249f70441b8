import type { PubSub } from '@google-cloud/pubsub'
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { NO_JOURNAL } from '../../../src/main/embedded/pubsub/journal.ts'
import { loadProtocol } from '../../../src/main/embedded/pubsub/protocol.ts'
import { publisherService } from '../../../src/main/embedded/pubsub/publisher-service.ts'
import { startPubSubServer, type PubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { subscriberService } from '../../../src/main/embedded/pubsub/subscriber-service.ts'
import { Subscriptions } from '../../../src/main/embedded/pubsub/subscriptions.ts'
import { Topics } from '../../../src/main/embedded/pubsub/topics.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { ensurePubSubResources } from '../../../src/main/intake/pubsub-resources.ts'
import type { Settlement } from '../../../src/main/intake/settlement.ts'
import { Subscriber, type SubscriberOptions } from '../../../src/main/intake/subscriber.ts'
import { recordedLog, type LogLine } from '../../setup/recorded-log.ts'

export const TOPIC = 'tasks'
export const OPTIONS: SubscriberOptions = {
  subscription: 'worker',
  watch: { periodMs: 200, againMs: 100, answerMs: 500 },
  silence: { silentMs: 60_000, maxSilentMs: 60_000 },
  replaceAfterMs: 60_000,
  maxMessages: { current: 10 },
}
export const WAIT = { timeout: 60_000 }

export type Settings = {
  prepare?: (pubsub: PubSub) => Promise<void>
  handle?: (text: string, stopping: AbortSignal) => Promise<Settlement>
  options?: Partial<SubscriberOptions>
  isWorkWaiting?: () => Promise<boolean>
}

export type TestedSubscriber = {
  readonly subscriber: Subscriber
  /** The texts of the messages, each time that they came. */
  readonly received: readonly string[]
  readonly lines: readonly LogLine[]
}

/** Subscribers and brokers of one test, and the end of them all. */
export class Brokers {
  readonly #leftovers: (() => Promise<unknown>)[] = []

  async stop(): Promise<void> {
    for (const stop of this.#leftovers.splice(0).toReversed()) await stop()
  }

  /** In the reverse order of such calls. */
  later(stop: () => Promise<unknown>): void {
    this.#leftovers.push(stop)
  }

  async startServer(port = 0): Promise<PubSubServer> {
    const server = await startPubSubServer({ port })
    this.later(() => server.stop())
    return server
  }

  /** The same server, but that some of its calls do something else. */
  async startAltered(
    alter: (service: UntypedServiceImplementation) => UntypedServiceImplementation,
  ): Promise<string> {
    const protocol = await loadProtocol()
    const topics = new Topics(NO_JOURNAL)
    const service = subscriberService(new Subscriptions(topics, NO_JOURNAL), NO_JOURNAL)
    const server = new Server()
    server.addService(protocol.publisher, publisherService(topics, NO_JOURNAL))
    server.addService(protocol.subscriber, { ...service, ...alter(service) })
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      )
    })
    this.later(() => Promise.resolve(server.forceShutdown()))
    return `127.0.0.1:${port}`
  }

  /** A client of a server that has the topic and the subscription. */
  async connect(address: string): Promise<PubSub> {
    const pubsub = createPubSub('test', address)
    this.later(() => pubsub.close())
    await ensurePubSubResources(pubsub, TOPIC, OPTIONS.subscription)
    return pubsub
  }

  /** A subscriber that has been started. */
  subscribe(address: string, settings: Settings = {}): TestedSubscriber {
    const {
      prepare = (pubsub) => ensurePubSubResources(pubsub, TOPIC, OPTIONS.subscription),
      handle = () => Promise.resolve('ack' as const),
      isWorkWaiting = () => Promise.resolve(false),
    } = settings
    const received: string[] = []
    const { log, lines } = recordedLog()
    const subscriber = new Subscriber(
      { ...OPTIONS, ...settings.options },
      { connect: () => createPubSub('test', address), prepare, isWorkWaiting },
      (message, stopping) => {
        const text = Buffer.from(message.data).toString()
        received.push(text)
        return handle(text, stopping)
      },
      log,
    )
    this.later(() => subscriber.stop(0))
    subscriber.start()
    return { subscriber, received, lines }
  }
}

export async function publish(pubsub: PubSub, text: string): Promise<void> {
  await pubsub.topic(TOPIC).publishMessage({ data: Buffer.from(text) })
}
