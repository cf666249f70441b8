import type { ServerUnaryCall } from '@grpc/grpc-js'
import { checkBounds } from './bounds.ts'
import type { Consumer, Room } from './consumer.ts'
import type { Delivery } from './delivery.ts'
import type { StatusError } from './status-error.ts'
import type { Subscription } from './subscription.ts'
import type { PullRequest, PullResponse, ReceivedMessage } from './wire.ts'

/** How long a pull waits for a first message before it answers with none. */
const PULL_WAIT_MS = 5_000

/** Answers with what is there, or with the first messages to come within a bounded time. */
export async function unaryPull(
  call: ServerUnaryCall<PullRequest, PullResponse>,
  subscription: Subscription,
): Promise<PullResponse> {
  const { maxMessages, returnImmediately } = call.request
  checkBounds('max_messages', maxMessages, 1, Infinity)
  const receivedMessages = subscription.pull(maxMessages)
  if (receivedMessages.length > 0 || returnImmediately) return { receivedMessages }
  return { receivedMessages: await new PullWaiter(call, subscription).received() }
}

/** A consumer of one handful of messages. */
class PullWaiter implements Consumer {
  readonly #call: ServerUnaryCall<PullRequest, PullResponse>
  readonly #subscription: Subscription
  #finish: (outcome: readonly ReceivedMessage[] | StatusError) => void = () => undefined

  constructor(call: ServerUnaryCall<PullRequest, PullResponse>, subscription: Subscription) {
    this.#call = call
    this.#subscription = subscription
  }

  get ackDeadlineMs(): number {
    return this.#subscription.resource.ackDeadlineSeconds * 1_000
  }

  received(): Promise<readonly ReceivedMessage[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#finish([]), PULL_WAIT_MS)
      this.#call.once('cancelled', () => this.#finish([]))
      this.#finish = (outcome) => {
        clearTimeout(timer)
        this.#subscription.disconnect(this)
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      this.#subscription.connect(this)
    })
  }

  room(): Room {
    return { messages: this.#call.request.maxMessages, bytes: Infinity }
  }

  deliver(deliveries: readonly Delivery[]): void {
    this.#finish(this.#subscription.received(deliveries))
  }

  release(): void {}

  update(): void {}

  end(reason: StatusError): void {
    this.#finish(reason)
  }
}
