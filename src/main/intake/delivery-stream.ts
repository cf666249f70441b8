import {
  Duration,
  SubscriptionCloseBehaviors,
  type Message,
  type PubSub,
  type Subscription,
} from '@google-cloud/pubsub'

/** A message's lease at the broker while it is in hand; renewed by the client. */
const ACK_DEADLINE_S = 60
/** Far above what any task takes: at its end the client would stop renewing. */
const MAX_EXTENSION = Duration.from({ minutes: 6 * 60 })
/** The client collects acknowledgements for this long; its default of 100 ms bounds the throughput. */
const ACK_BATCH_MS = 10
/** For one acknowledgement. The client tries again by itself, and a broker that hangs must not hold up a stop. */
const ACK_ANSWER_MS = 3_000
const UNREACHABLE_AFTER_MS = 5_000
/** Between tries of the client itself while the broker is away; its default goes up to a minute. */
const MAX_RETRY_S = 2

export type StreamOptions = {
  readonly subscription: string
  /** How many messages the broker may have out with this worker. */
  readonly maxMessages: number
}

export interface StreamListener {
  message(message: Message): void
  /** It is at its end, because of an error that the client does not retry. */
  broke(error?: Error): void
}

/**
 * One stream of messages on a connection of its own, which is closed with it: where a connection is dead without
 * knowing it, everything else on it would be as well.
 */
export class DeliveryStream {
  /** The limit that it was opened with. */
  readonly maxMessages: number
  readonly #pubsub: PubSub
  readonly #subscription: Subscription
  /** No message of it is in hand any longer. */
  readonly #settled: Promise<void>
  readonly #openedAtMs = performance.now()
  #closed: Promise<void> | undefined

  /** Opens it. The client is the stream's from then on. */
  constructor(pubsub: PubSub, { subscription: name, maxMessages }: StreamOptions, listener: StreamListener) {
    this.#pubsub = pubsub
    this.maxMessages = maxMessages
    const deadline = Duration.from({ seconds: ACK_DEADLINE_S })
    this.#subscription = pubsub.subscription(name, {
      // Equal bounds: left to itself the client stretches every lease to the slowest task it has seen.
      minAckDeadline: deadline,
      maxAckDeadline: deadline,
      maxExtensionTime: MAX_EXTENSION,
      batching: { maxMilliseconds: ACK_BATCH_MS, callOptions: { timeout: ACK_ANSWER_MS, retry: null } },
      // Excess messages come to us: the client's hidden queue for them can get stuck.
      flowControl: { maxMessages, allowExcessMessages: true },
      // The limit counts for each stream, and there would be five.
      streamingOptions: {
        maxStreams: 1,
        timeout: UNREACHABLE_AFTER_MS,
        retryMaxBackoff: Duration.from({ seconds: MAX_RETRY_S }),
      },
      // What it brought is settled by those who have it in hand, however long that takes.
      closeOptions: { behavior: SubscriptionCloseBehaviors.WaitForProcessing, timeout: MAX_EXTENSION },
    })
    this.#settled = new Promise((resolve) => this.#subscription.once('close', resolve))
    this.#subscription.on('message', (message: Message) => listener.message(message))
    this.#subscription.on('error', (error: Error) => listener.broke(error))
    this.#subscription.on('close', () => listener.broke())
  }

  /** As far as the client knows: it goes on trying, and looks open, while the broker is gone. */
  get isOpen(): boolean {
    return this.#subscription.isOpen
  }

  get ageMs(): number {
    return performance.now() - this.#openedAtMs
  }

  /** Asks the broker for the subscription. Left to itself the client would try for a minute. */
  async ask(answerMs: number): Promise<void> {
    await this.#subscription.getMetadata({ timeout: answerMs, retry: null })
  }

  /**
   * No message arrives from here on. Resolves when those that it brought are settled and its connection is closed. A
   * second call waits for the first.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** Closes the connection, also with acknowledgements under way that the broker does not answer. */
  async disconnect(): Promise<void> {
    await this.#pubsub.close()
  }

  async #close(): Promise<void> {
    // A stream that broke is closing already, and then this call does not wait.
    await this.#subscription.close()
    await this.#settled
    await this.disconnect()
  }
}
