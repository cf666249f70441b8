import type { ServerDuplexStream } from '@grpc/grpc-js'
import { checkBounds, MAX_ACK_DEADLINE_S, MIN_ACK_DEADLINE_S } from './bounds.ts'
import type { Consumer, Room } from './consumer.ts'
import type { Delivery, PublishedMessage } from './delivery.ts'
import { checkResourceName } from './resource-names.ts'
import { invalidArgument, toStatusError, unavailable, type StatusError } from './status-error.ts'
import type { Subscription } from './subscription.ts'
import type { AckConfirmation, StreamingPullRequest, StreamingPullResponse } from './wire.ts'

type Call = ServerDuplexStream<StreamingPullRequest, StreamingPullResponse>

/** Serves one StreamingPull call until it ends. */
export function streamingPull(call: Call, find: (name: string) => Subscription): void {
  let stream: PullStream | undefined
  let isOver = false
  const end = (reason: StatusError) => {
    if (isOver) return
    isOver = true
    stream?.disconnect()
    call.emit('error', reason)
  }
  call.on('data', (request: StreamingPullRequest) => {
    if (isOver) return
    try {
      if (stream) stream.receive(request)
      else stream = PullStream.open(call, request, find, end)
    } catch (error) {
      end(toStatusError(error))
    }
  })
  call.once('cancelled', () => {
    isOver = true
    stream?.disconnect()
  })
  // The client has closed its side. A stream that ended with OK would not be opened again.
  call.once('end', () => end(unavailable('the client closed its side of the stream')))
}

/**
 * One stream of a subscription. It holds at most as many messages and bytes as its first request allows; what is
 * acknowledged or refused by whatever call, or runs out, makes room again. When the stream goes, its leases stay.
 */
class PullStream implements Consumer {
  readonly #call: Call
  readonly #subscription: Subscription
  readonly #limit: Room
  /** Nothing more will come. */
  readonly end: (reason: StatusError) => void
  ackDeadlineMs: number
  #heldMessages = 0
  #heldBytes = 0
  #isCongested = false

  private constructor(
    call: Call,
    subscription: Subscription,
    first: StreamingPullRequest,
    end: (reason: StatusError) => void,
  ) {
    this.#call = call
    this.#subscription = subscription
    this.end = end
    this.#limit = {
      messages: first.maxOutstandingMessages > 0 ? first.maxOutstandingMessages : Infinity,
      bytes: first.maxOutstandingBytes > 0 ? first.maxOutstandingBytes : Infinity,
    }
    this.ackDeadlineMs = first.streamAckDeadlineSeconds * 1_000
    call.on('drain', () => {
      this.#isCongested = false
      subscription.wake()
    })
  }

  static open(
    call: Call,
    first: StreamingPullRequest,
    find: (name: string) => Subscription,
    end: (reason: StatusError) => void,
  ): PullStream {
    checkResourceName('subscriptions', first.subscription, 'subscription')
    checkStreamDeadline(first.streamAckDeadlineSeconds)
    const subscription = find(first.subscription)
    const stream = new PullStream(call, subscription, first, end)
    stream.#settle(first)
    // The client has to know about exactly-once delivery before the first message.
    stream.update()
    subscription.connect(stream)
    return stream
  }

  receive(request: StreamingPullRequest): void {
    if (request.subscription !== '') throw onlyFirst('subscription')
    if (request.maxOutstandingMessages !== 0) throw onlyFirst('max_outstanding_messages')
    if (request.maxOutstandingBytes !== 0) throw onlyFirst('max_outstanding_bytes')
    if (request.streamAckDeadlineSeconds !== 0) {
      checkStreamDeadline(request.streamAckDeadlineSeconds)
      this.ackDeadlineMs = request.streamAckDeadlineSeconds * 1_000
    }
    this.#settle(request)
  }

  room(): Room {
    if (this.#isCongested) return { messages: 0, bytes: 0 }
    return {
      messages: this.#limit.messages - this.#heldMessages,
      bytes: this.#limit.bytes - this.#heldBytes,
    }
  }

  deliver(deliveries: readonly Delivery[]): void {
    for (const { message } of deliveries) this.#hold(1, message.sizeBytes)
    this.#write({ receivedMessages: this.#subscription.received(deliveries) })
  }

  release({ sizeBytes }: PublishedMessage): void {
    this.#hold(-1, -sizeBytes)
    this.#subscription.wake()
  }

  update(): void {
    const { enableExactlyOnceDelivery, enableMessageOrdering } = this.#subscription.resource
    this.#write({
      subscriptionProperties: {
        exactlyOnceDeliveryEnabled: enableExactlyOnceDelivery,
        messageOrderingEnabled: enableMessageOrdering,
      },
    })
  }

  disconnect(): void {
    this.#subscription.disconnect(this)
  }

  #hold(messages: number, bytes: number): void {
    this.#heldMessages += messages
    this.#heldBytes += bytes
  }

  #write(response: StreamingPullResponse): void {
    this.#isCongested = !this.#call.write(response)
  }

  /** Acknowledgements and deadlines that come on the stream itself; the Node client sends them in calls of their own. */
  #settle(request: StreamingPullRequest): void {
    const { ackIds, modifyDeadlineAckIds, modifyDeadlineSeconds } = request
    if (modifyDeadlineAckIds.length !== modifyDeadlineSeconds.length) {
      throw invalidArgument('modify_deadline_ack_ids and modify_deadline_seconds must have the same size')
    }
    for (const seconds of modifyDeadlineSeconds) {
      checkBounds('modify_deadline_seconds', seconds, 0, MAX_ACK_DEADLINE_S)
    }
    const confirms = this.#subscription.resource.enableExactlyOnceDelivery
    if (ackIds.length > 0) {
      const stale = this.#subscription.acknowledge(ackIds)
      if (confirms) this.#write({ acknowledgeConfirmation: confirmation(ackIds, stale) })
    }
    if (modifyDeadlineAckIds.length > 0) {
      const stale = modifyDeadlineAckIds.flatMap((ackId, index) =>
        this.#subscription.modifyDeadline([ackId], modifyDeadlineSeconds[index] ?? 0),
      )
      if (confirms) this.#write({ modifyAckDeadlineConfirmation: confirmation(modifyDeadlineAckIds, stale) })
    }
  }
}

function confirmation(ackIds: readonly string[], stale: readonly string[]): AckConfirmation {
  const isStale = new Set(stale)
  return { ackIds: ackIds.filter((ackId) => !isStale.has(ackId)), invalidAckIds: stale }
}

function checkStreamDeadline(seconds: number): void {
  checkBounds('stream_ack_deadline_seconds', seconds, MIN_ACK_DEADLINE_S, MAX_ACK_DEADLINE_S)
}

const onlyFirst = (field: string) =>
  invalidArgument(`${field} must not be set after the first request of a stream`)
