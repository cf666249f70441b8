import { once } from 'node:events'
import type { ServiceError } from '@grpc/grpc-js'
import type { Message, protos, Subscription, v1 } from '@google-cloud/pubsub'

type Api = typeof protos.google.pubsub.v1
export type Received = protos.google.pubsub.v1.IReceivedMessage
export type StreamRequest = protos.google.pubsub.v1.IStreamingPullRequest
type StreamResponse = InstanceType<Api['StreamingPullResponse']>

/** Receives until it is closed. */
export class StockConsumer {
  readonly messages: Message[] = []
  readonly #subscription: Subscription

  constructor(subscription: Subscription) {
    this.#subscription = subscription
    subscription.on('message', (message: Message) => this.messages.push(message))
  }

  /** All messages so far, once there are that many. */
  async received(count: number): Promise<Message[]> {
    while (this.messages.length < count) await once(this.#subscription, 'message')
    return this.messages
  }

  /** The error that ends it. */
  failed(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#subscription.once('error', resolve)
    })
  }

  close(): Promise<void> {
    return this.#subscription.close()
  }
}

/** A StreamingPull call. */
export class TestStream {
  readonly responses: StreamResponse[] = []
  /** How it ended. */
  readonly ended: Promise<{ code: number; details: string }>
  readonly #call: ReturnType<v1.SubscriberClient['streamingPull']>

  constructor(subscriber: v1.SubscriberClient, first: StreamRequest) {
    this.#call = subscriber.streamingPull()
    this.#call.on('data', (response: StreamResponse) => this.responses.push(response))
    this.ended = new Promise((resolve) => {
      this.#call.once('error', (error: ServiceError) => resolve(error))
      this.#call.once('end', () => resolve({ code: 0, details: '' }))
    })
    this.write(first)
  }

  get messages(): Received[] {
    return this.responses.flatMap(({ receivedMessages }) => receivedMessages)
  }

  write(request: StreamRequest): void {
    this.#call.write(request)
  }

  /** The first response, past or to come, that is like that. */
  async response(isWanted: (response: StreamResponse) => boolean): Promise<StreamResponse> {
    for (;;) {
      const response = this.responses.find((each) => isWanted(each))
      if (response) return response
      await once(this.#call, 'data')
    }
  }

  /** All messages so far, once there are that many. */
  async received(count: number): Promise<Received[]> {
    while (this.messages.length < count) await once(this.#call, 'data')
    return this.messages
  }

  /** Closes the client's side. */
  end(): void {
    this.#call.end()
  }

  /** Ends it as a client that goes away does. */
  cancel(): void {
    this.#call.cancel()
  }
}

/** All messages of several streams, once there are that many. */
export async function receivedInAll(streams: readonly TestStream[], count: number): Promise<Received[]> {
  for (;;) {
    const messages = streams.flatMap((stream) => stream.messages)
    if (messages.length >= count) return messages
    await Promise.race(streams.map((stream) => stream.received(stream.messages.length + 1)))
  }
}
