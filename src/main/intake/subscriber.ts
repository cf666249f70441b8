import {
  Duration,
  SubscriptionCloseBehaviors,
  type Message,
  type PubSub,
  type Subscription,
} from '@google-cloud/pubsub'
import type { TaskLog } from '../../processors/services.ts'

import type { ReceivedMessage } from './quarantine.ts'
import type { Settlement } from './settlement.ts'

export type SubscriberOptions = {
  readonly subscription: string
  /** How many messages the broker may have out with this worker. */
  readonly maxMessages: number
  /** How long `stop` waits for messages in hand before it gives them back. */
  readonly stopTimeoutMs: number
}

/** A message's lease at the broker while it is in hand; renewed by the client. */
const ACK_DEADLINE_S = 60
/** Far above what any task takes: at its end the client would stop renewing. */
const MAX_EXTENSION_MIN = 6 * 60
/** The client collects acknowledgements for this long; its default of 100 ms bounds the throughput. */
const ACK_BATCH_MS = 10
const UNREACHABLE_AFTER_MS = 5_000
const FIRST_REOPEN_MS = 250
const MAX_REOPEN_MS = 10_000

/**
 * Receives the messages of one subscription and settles each as its handler says. When the stream ends for good,
 * because of an error that the client does not retry, it is opened again with growing delays.
 */
export class Subscriber {
  readonly #pubsub: PubSub
  readonly #options: SubscriberOptions
  readonly #handle: (message: ReceivedMessage, stopping: AbortSignal) => Promise<Settlement>
  readonly #log: TaskLog
  readonly #stopping = new AbortController()
  #subscription: Subscription | undefined
  #reopen: NodeJS.Timeout | undefined
  #reopenMs = FIRST_REOPEN_MS
  #stopped: Promise<void> | undefined

  constructor(
    pubsub: PubSub,
    options: SubscriberOptions,
    handle: (message: ReceivedMessage, stopping: AbortSignal) => Promise<Settlement>,
    log: TaskLog,
  ) {
    this.#pubsub = pubsub
    this.#options = options
    this.#handle = handle
    this.#log = log
  }

  /** Whether messages can arrive. */
  get isOpen(): boolean {
    return this.#subscription?.isOpen ?? false
  }

  start(): void {
    if (this.#subscription || this.#stopping.signal.aborted) return
    const deadline = Duration.from({ seconds: ACK_DEADLINE_S })
    const subscription = this.#pubsub.subscription(this.#options.subscription, {
      // Equal bounds: left to itself the client stretches every lease to the slowest task it has seen.
      minAckDeadline: deadline,
      maxAckDeadline: deadline,
      maxExtensionTime: Duration.from({ minutes: MAX_EXTENSION_MIN }),
      batching: { maxMilliseconds: ACK_BATCH_MS },
      // Excess messages come to us, into the runner's own queue: the client's hidden one can get stuck.
      flowControl: { maxMessages: this.#options.maxMessages, allowExcessMessages: true },
      // The limit counts for each stream, and there would be five.
      streamingOptions: { maxStreams: 1, timeout: UNREACHABLE_AFTER_MS },
      closeOptions: {
        behavior: SubscriptionCloseBehaviors.WaitForProcessing,
        timeout: Duration.from({ milliseconds: this.#options.stopTimeoutMs }),
      },
    })
    this.#subscription = subscription
    subscription.on('message', (message: Message) => void this.#receive(message))
    subscription.on('error', (error: Error) => this.#lose(subscription, error))
  }

  /** No message arrives from here on; resolves when those in hand are settled. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('the worker stops'))
    clearTimeout(this.#reopen)
    await this.#subscription?.close()
  }

  async #receive(message: Message): Promise<void> {
    this.#reopenMs = FIRST_REOPEN_MS
    const settlement = await this.#handle(
      {
        id: message.id,
        data: message.data,
        attributes: message.attributes,
        publishedAt: new Date(message.publishTime.getTime()),
      },
      this.#stopping.signal,
    )
    if (settlement === 'ack') message.ack()
    else message.nack()
  }

  #lose(subscription: Subscription, error: Error): void {
    if (subscription !== this.#subscription || this.#stopping.signal.aborted) return
    this.#log.error({ err: error, reopenInMs: this.#reopenMs }, 'the subscription broke')
    this.#subscription = undefined
    subscription.close().catch((closeError: Error) => {
      this.#log.debug({ err: closeError }, 'the broken subscription could not be closed')
    })
    this.#reopen = setTimeout(() => this.start(), this.#reopenMs)
    this.#reopenMs = Math.min(this.#reopenMs * 2, MAX_REOPEN_MS)
  }
}
