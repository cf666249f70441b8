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
import { SubscriptionWatch, type WatchTimes } from './subscription-watch.ts'

export type SubscriberOptions = {
  readonly subscription: string
  readonly watch: WatchTimes
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
/** Between tries of the client itself while the broker is away; its default goes up to a minute. */
const MAX_RETRY_S = 2
const FIRST_REOPEN_MS = 250
const MAX_REOPEN_MS = 10_000

/**
 * Receives the messages of one subscription and settles each as its handler says. When the stream ends for good,
 * because of an error that the client does not retry, or when the subscription turns out to be gone, what it needs is
 * made anew and it is opened again, with growing delays.
 */
export class Subscriber {
  readonly #pubsub: PubSub
  readonly #options: SubscriberOptions
  readonly #handle: (message: ReceivedMessage, stopping: AbortSignal) => Promise<Settlement>
  readonly #prepare: () => Promise<void>
  readonly #log: TaskLog
  readonly #watch: SubscriptionWatch
  readonly #stopping = new AbortController()
  /** Broken ones that still settle the messages that they brought. */
  readonly #closing = new Set<Promise<void>>()
  #subscription: Subscription | undefined
  #reopen: NodeJS.Timeout | undefined
  #reopenMs = FIRST_REOPEN_MS
  #stopped: Promise<void> | undefined

  /** `prepare` makes what is missing before the stream is opened again, where that is the worker's to make. */
  constructor(
    pubsub: PubSub,
    options: SubscriberOptions,
    handle: (message: ReceivedMessage, stopping: AbortSignal) => Promise<Settlement>,
    prepare: () => Promise<void>,
    log: TaskLog,
  ) {
    this.#pubsub = pubsub
    this.#options = options
    this.#handle = handle
    this.#prepare = prepare
    this.#log = log
    this.#watch = new SubscriptionWatch(
      pubsub.subscription(options.subscription),
      options.watch,
      () => this.#lose(this.#subscription),
      log,
    )
  }

  /** Whether messages can arrive, as far as is known. */
  get isReceiving(): boolean {
    return (this.#subscription?.isOpen ?? false) && this.#watch.isReachable
  }

  start(): void {
    if (this.#stopping.signal.aborted) return
    this.#watch.start()
    this.#open()
  }

  #open(): void {
    if (this.#subscription) return
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
      streamingOptions: {
        maxStreams: 1,
        timeout: UNREACHABLE_AFTER_MS,
        retryMaxBackoff: Duration.from({ seconds: MAX_RETRY_S }),
      },
      closeOptions: {
        behavior: SubscriptionCloseBehaviors.WaitForProcessing,
        timeout: Duration.from({ milliseconds: this.#options.stopTimeoutMs }),
      },
    })
    this.#subscription = subscription
    subscription.on('message', (message: Message) => void this.#receive(message))
    subscription.on('error', (error: Error) => this.#lose(subscription, error))
    subscription.on('close', () => this.#lose(subscription))
  }

  /** No message arrives from here on; resolves when those in hand are settled. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('the worker stops'))
    this.#watch.stop()
    clearTimeout(this.#reopen)
    await Promise.all([this.#subscription?.close(), ...this.#closing])
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

  #lose(subscription: Subscription | undefined, error?: Error): void {
    if (!subscription || subscription !== this.#subscription || this.#stopping.signal.aborted) return
    this.#log.error({ err: error, reopenInMs: this.#reopenMs }, 'the subscription broke')
    this.#subscription = undefined
    const closing = subscription
      .close()
      .catch((closeError: Error) => {
        this.#log.debug({ err: closeError }, 'the broken subscription could not be closed')
      })
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
    this.#reopenLater()
  }

  #reopenLater(): void {
    this.#reopen = setTimeout(() => void this.#openAgain(), this.#reopenMs)
    this.#reopenMs = Math.min(this.#reopenMs * 2, MAX_REOPEN_MS)
  }

  async #openAgain(): Promise<void> {
    try {
      await this.#prepare()
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      this.#log.warn({ err: error, againInMs: this.#reopenMs }, 'the subscription could not be made anew')
      this.#reopenLater()
      return
    }
    if (this.#stopping.signal.aborted) return
    this.#open()
    this.#log.info({}, 'the subscription is opened again')
  }
}
