import { credentials, type ServiceError } from '@grpc/grpc-js'
import { PubSub, v1, type protos, type SubscriptionOptions } from '@google-cloud/pubsub'
import {
  startPubSubServer,
  type PubSubServer,
  type PubSubServerOptions,
} from '../../../../src/main/embedded/pubsub/server.ts'
import { StockConsumer, TestStream, type Received, type StreamRequest } from './test-consumers.ts'

export type SubscriptionSettings = Partial<protos.google.pubsub.v1.ISubscription>
type Outgoing = string | protos.google.pubsub.v1.IPubsubMessage

const PROJECT = 'projects/test'

/** A server with the stock client, and the client's low-level calls, which allow what the stock client does not. */
export class TestPubSub {
  readonly server: PubSubServer
  readonly pubsub: PubSub
  readonly publisher: v1.PublisherClient
  readonly subscriber: v1.SubscriberClient
  #names = 0

  private constructor(server: PubSubServer) {
    const { hostname, port } = new URL(`tcp://${server.address}`)
    const options = {
      servicePath: hostname,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
      projectId: 'test',
      universeDomain: 'googleapis.com',
      'grpc.max_metadata_size': 4 * 1024 * 1024,
    }
    this.server = server
    this.pubsub = stockClient(server.address)
    this.publisher = new v1.PublisherClient(options)
    this.subscriber = new v1.SubscriberClient(options)
  }

  static async start(options: PubSubServerOptions = {}): Promise<TestPubSub> {
    return new TestPubSub(await startPubSubServer(options))
  }

  async stop(): Promise<void> {
    await Promise.all([this.pubsub.close(), this.publisher.close(), this.subscriber.close()])
    await this.server.stop()
  }

  newName(): string {
    return `name-${this.#names++}`
  }

  async createTopic(): Promise<string> {
    const name = `${PROJECT}/topics/${this.newName()}`
    await this.publisher.createTopic({ name })
    return name
  }

  /** A subscription with these settings, on a topic of its own unless they name one. */
  async createSubscription(settings: SubscriptionSettings = {}): Promise<TestSubscription> {
    const topic = settings.topic ?? (await this.createTopic())
    const name = `${PROJECT}/subscriptions/${this.newName()}`
    await this.subscriber.createSubscription({ ...settings, name, topic })
    return new TestSubscription(this, name, topic)
  }

  /** A subscription of the server before this one, here. */
  find({ name, topic }: TestSubscription): TestSubscription {
    return new TestSubscription(this, name, topic)
  }

  async publish(topic: string, ...messages: Outgoing[]): Promise<string[]> {
    const [{ messageIds }] = await this.publisher.publish({
      topic,
      messages: messages.map((each) => (typeof each === 'string' ? { data: Buffer.from(each) } : each)),
    })
    return messageIds ?? []
  }
}

/** The unmodified client, kept from looking for credentials. */
export function stockClient(address: string): PubSub {
  return new PubSub({
    projectId: 'test',
    apiEndpoint: address,
    emulatorMode: true,
    clientOptions: { universeDomain: 'googleapis.com' },
  })
}

export class TestSubscription {
  readonly name: string
  readonly topic: string
  readonly #test: TestPubSub

  constructor(test: TestPubSub, name: string, topic: string) {
    this.#test = test
    this.name = name
    this.topic = topic
  }

  /** The stock client's subscription, which receives and leaves it to the test to settle. */
  consume(options: SubscriptionOptions = {}): StockConsumer {
    return new StockConsumer(
      this.#test.pubsub.subscription(this.name, {
        streamingOptions: { maxStreams: 1 },
        batching: { maxMilliseconds: 5 },
        ...options,
      }),
    )
  }

  publish(...messages: Outgoing[]): Promise<string[]> {
    return this.#test.publish(this.topic, ...messages)
  }

  /** Publishes messages with an ordering key. */
  publishKeyed(orderingKey: string, ...texts: string[]): Promise<string[]> {
    return this.publish(...texts.map((text) => ({ data: Buffer.from(text), orderingKey })))
  }

  /** What can be had now. */
  async pullNow(maxMessages = 1_000): Promise<Received[]> {
    const [{ receivedMessages }] = await this.#test.subscriber.pull({
      subscription: this.name,
      maxMessages,
      returnImmediately: true,
    })
    return receivedMessages ?? []
  }

  /** Pulls until there are that many. */
  async pull(count: number): Promise<Received[]> {
    const received: Received[] = []
    while (received.length < count) {
      const [response] = await this.#test.subscriber.pull({
        subscription: this.name,
        maxMessages: count - received.length,
      })
      received.push(...(response.receivedMessages ?? []))
    }
    return received
  }

  async ack(...messages: Parameters<typeof ackIdsOf>[0]): Promise<void> {
    await this.#test.subscriber.acknowledge({ subscription: this.name, ackIds: ackIdsOf(messages) })
  }

  /** Sets the deadline; 0 refuses the messages. */
  async modify(seconds: number, ...messages: Parameters<typeof ackIdsOf>[0]): Promise<void> {
    await this.#test.subscriber.modifyAckDeadline({
      subscription: this.name,
      ackIds: ackIdsOf(messages),
      ackDeadlineSeconds: seconds,
    })
  }

  nack(...messages: Parameters<typeof ackIdsOf>[0]): Promise<void> {
    return this.modify(0, ...messages)
  }

  /** A stream that the server knows. */
  async stream(request: StreamRequest = {}): Promise<TestStream> {
    const stream = this.openStream(request)
    await stream.response((response) => Boolean(response.subscriptionProperties))
    return stream
  }

  openStream(request: StreamRequest = {}): TestStream {
    return new TestStream(this.#test.subscriber, {
      subscription: this.name,
      streamAckDeadlineSeconds: 10,
      ...request,
    })
  }
}

export function textsOf(messages: readonly Received[]): string[] {
  return messages.map(({ message }) => Buffer.from(message?.data as Uint8Array).toString())
}

export function ackIdsOf(messages: readonly ({ readonly ackId?: string | null } | undefined)[]): string[] {
  return messages.map((message) => message?.ackId ?? '')
}

/** What a refused call says. */
export async function refusal(
  call: Promise<unknown>,
): Promise<ServiceError & { errorInfoMetadata?: Record<string, string> }> {
  return call.then(
    () => {
      throw new Error('the call was not refused')
    },
    (error: ServiceError) => error,
  )
}
