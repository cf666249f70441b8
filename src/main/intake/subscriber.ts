import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Message, PubSub } from '@google-cloud/pubsub'
import type { TaskLog } from '../../processors/services.ts'
import { DeliveryStream } from './delivery-stream.ts'
import { HeldMessages } from './held-messages.ts'
import type { ReceivedMessage } from './quarantine.ts'
import type { Settlement } from './settlement.ts'
import { SilenceWatch, type SilenceTimes } from './silence-watch.ts'
import { SubscriptionWatch, type WatchTimes } from './subscription-watch.ts'

export type SubscriberOptions = {
  readonly subscription: string
  readonly watch: WatchTimes
  readonly silence: SilenceTimes
  /** How old a stream is at least that another takes the place of: a younger one has not had its chance yet. */
  readonly replaceAfterMs: number
  /** How many messages the broker is asked to have out with this worker at most; it changes with what tasks take. */
  readonly maxMessages: { readonly current: number }
}

/** What a subscriber needs of the worker around it. */
export interface SubscriberSurroundings {
  /** A new client of the broker, with connections of its own. */
  connect(): PubSub
  /** Makes what is missing before the stream is opened again, where that is the worker's to make. */
  prepare(pubsub: PubSub): Promise<void>
  /** Whether tasks were handed in at least so long ago that no worker has heard of. */
  isWorkWaiting(forMs: number): Promise<boolean>
}

/** How long a stop waits for acknowledgements and returns to get through, once there is nothing else to wait for. */
export const SETTLING_MS = 3_000
const FIRST_REOPEN_MS = 250
const MAX_REOPEN_MS = 10_000
/**
 * A broker may send more than it was asked for, as Google's emulator does. So much of it is held until its turn comes,
 * which is far more than a worker gets done within a lease; the rest is given back, and the stream closed meanwhile.
 */
const MAX_HELD_MESSAGES = 1_000
const MIN_TOLERANCE = 2
const MAX_HELD_BYTES = 64 * 1024 * 1024

/** By how much the limit of a stream may be wrong. */
const LIMIT_TOLERANCE = 1.25

const OVERLOAD = 'more messages than were asked for'

/**
 * Receives the messages of one subscription and settles each as its handler says. It goes on through everything: when
 * the stream ends for good, because of an error that the client does not retry, or when the subscription turns out to
 * be gone, what it needs is made anew and it is opened again, with growing delays; when the connection or the stream is
 * dead without a word, another takes its place.
 */
export class Subscriber {
  readonly #options: SubscriberOptions
  readonly #surroundings: SubscriberSurroundings
  readonly #handle: (message: ReceivedMessage, stopping: AbortSignal) => Promise<Settlement>
  readonly #log: TaskLog
  readonly #watch: SubscriptionWatch
  readonly #silence: SilenceWatch
  readonly #held: HeldMessages
  readonly #stopping = new AbortController()
  /** Every stream whose connection is not closed yet; all but the last only settle what they brought. */
  readonly #streams = new Set<DeliveryStream>()
  /** Why nothing is to be received at the moment. */
  readonly #suspensions = new Set<string>()
  #stream: DeliveryStream | undefined
  /** Of the preparations under way. */
  #preparing: PubSub | undefined
  #reopen: NodeJS.Timeout | undefined
  #reopenMs = FIRST_REOPEN_MS
  #stopped: Promise<void> | undefined

  constructor(
    options: SubscriberOptions,
    surroundings: SubscriberSurroundings,
    handle: (message: ReceivedMessage, stopping: AbortSignal) => Promise<Settlement>,
    log: TaskLog,
  ) {
    this.#options = options
    this.#surroundings = surroundings
    this.#handle = handle
    this.#log = log
    this.#held = new HeldMessages({
      // Looked at with every message, because what is asked for changes.
      get messages() {
        return Math.max(MAX_HELD_MESSAGES, options.maxMessages.current * MIN_TOLERANCE)
      },
      bytes: MAX_HELD_BYTES,
    })
    // Every message in hand may listen; a crowd of listeners is no leak here.
    setMaxListeners(0, this.#stopping.signal)
    this.#watch = new SubscriptionWatch(
      (answerMs) => this.#stream?.ask(answerMs),
      options.watch,
      { missing: () => this.#lose(this.#stream), unanswered: () => this.#replace() },
      log,
    )
    this.#silence = new SilenceWatch(
      {
        isExpecting: () => this.isReceiving && this.#held.count < options.maxMessages.current,
        isWorkWaiting: (forMs) => surroundings.isWorkWaiting(forMs),
        reopen: () => this.#replace(),
      },
      options.silence,
      log,
    )
  }

  /** Whether messages can arrive, as far as is known. */
  get isReceiving(): boolean {
    const isOpen = this.#stream?.isOpen ?? this.#suspensions.has(OVERLOAD)
    return isOpen && this.#watch.isReachable
  }

  start(): void {
    if (this.#stopping.signal.aborted) return
    this.#watch.start()
    this.#silence.start()
    this.#open()
  }

  /** Nothing is received until `resume` is called with the same reason; messages in hand are settled as ever. */
  suspend(reason: string): void {
    this.#suspensions.add(reason)
    this.#close()
  }

  resume(reason: string): void {
    if (this.#suspensions.delete(reason)) this.#open()
  }

  /**
   * No message arrives from here on. Resolves when those in hand are settled, and where the broker does not answer a
   * moment after the last of them could have been; at the latest that moment after `timeoutMs`, when those still in
   * hand have been given back. A second call waits for the first.
   */
  stop(timeoutMs: number): Promise<void> {
    this.#stopped ??= this.#stop(timeoutMs)
    return this.#stopped
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort(new Error('the worker stops'))
    this.#watch.stop()
    this.#silence.stop()
    clearTimeout(this.#reopen)
    const closed = Promise.all([...this.#streams].map((stream) => stream.close()))
    await within(timeoutMs, this.#held.emptied())
    this.#held.giveBack()
    await within(SETTLING_MS, closed)
    await Promise.all([this.#preparing?.close(), ...[...this.#streams].map((stream) => stream.disconnect())])
  }

  #open(): void {
    if (this.#stream || this.#suspensions.size > 0 || this.#stopping.signal.aborted) return
    clearTimeout(this.#reopen)
    const { subscription, maxMessages } = this.#options
    const stream: DeliveryStream = new DeliveryStream(
      this.#surroundings.connect(),
      { subscription, maxMessages: maxMessages.current },
      {
        message: (message) => this.#receive(message),
        broke: (error) => this.#lose(stream, error),
      },
    )
    this.#stream = stream
    this.#streams.add(stream)
  }

  /** The stream brings nothing more; it is at its end once what it brought is settled. */
  #close(): void {
    const stream = this.#stream
    this.#stream = undefined
    clearTimeout(this.#reopen)
    void stream
      ?.close()
      .catch((error: Error) => this.#log.debug({ err: error }, 'a stream could not be closed'))
      .finally(() => this.#streams.delete(stream))
  }

  #receive(message: Message): void {
    this.#reopenMs = FIRST_REOPEN_MS
    this.#silence.heard()
    if (this.#stopping.signal.aborted) return message.nack()
    if (!this.#held.add(message)) {
      message.nack()
      if (!this.#suspensions.has(OVERLOAD)) this.#log.warn({ held: this.#held.count }, OVERLOAD)
      this.suspend(OVERLOAD)
      return
    }
    const { id, data, attributes, publishTime: publishedAt } = message
    void this.#handle({ id, data, attributes, publishedAt }, this.#stopping.signal).then((settlement) =>
      this.#settle(message, settlement),
    )
  }

  #settle(message: Message, settlement: Settlement): void {
    if (!this.#held.remove(message)) return
    if (settlement === 'ack') message.ack()
    else message.nack()
    if (this.#held.count < this.#options.maxMessages.current) this.resume(OVERLOAD)
    this.#followLimit()
  }

  /** A stream keeps the limit that it was opened with: one with another takes its place when that has changed much. */
  #followLimit(): void {
    if (!this.#stream) return
    const { maxMessages: opened } = this.#stream
    const wanted = this.#options.maxMessages.current
    if (wanted > opened * LIMIT_TOLERANCE || wanted * LIMIT_TOLERANCE < opened) this.#replace()
  }

  /** Opens another stream, on another connection, in place of the one that seems to be dead or has an old limit. */
  #replace(): void {
    if (!this.#stream || this.#stream.ageMs < this.#options.replaceAfterMs) return
    this.#close()
    this.#open()
  }

  #lose(stream: DeliveryStream | undefined, error?: Error): void {
    if (!stream || stream !== this.#stream || this.#stopping.signal.aborted) return
    this.#log.error({ err: error, reopenInMs: this.#reopenMs }, 'the subscription broke')
    this.#close()
    this.#reopenLater()
  }

  #reopenLater(): void {
    this.#reopen = setTimeout(() => void this.#openAgain(), this.#reopenMs)
    this.#reopenMs = Math.min(this.#reopenMs * 2, MAX_REOPEN_MS)
  }

  async #openAgain(): Promise<void> {
    const pubsub = this.#surroundings.connect()
    this.#preparing = pubsub
    try {
      await this.#surroundings.prepare(pubsub)
    } catch (error) {
      if (this.#stopping.signal.aborted || this.#suspensions.size > 0) return
      this.#log.warn({ err: error, againInMs: this.#reopenMs }, 'the subscription could not be made anew')
      this.#reopenLater()
      return
    } finally {
      this.#preparing = undefined
      await pubsub.close()
    }
    if (this.#stopping.signal.aborted || this.#stream || this.#suspensions.size > 0) return
    this.#open()
    this.#log.info({}, 'the subscription is opened again')
  }
}

/** Waits for a promise, but no longer than that. */
async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  const done = new AbortController()
  await Promise.race([promise, delay(limitMs, undefined, { signal: done.signal }).catch(() => undefined)])
  done.abort()
}
