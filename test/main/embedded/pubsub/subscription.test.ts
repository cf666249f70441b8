import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PublishedMessage } from '../../../../src/main/embedded/pubsub/delivery.ts'
import { NO_JOURNAL } from '../../../../src/main/embedded/pubsub/journal.ts'
import { unavailable } from '../../../../src/main/embedded/pubsub/status-error.ts'
import { Subscription } from '../../../../src/main/embedded/pubsub/subscription.ts'
import type { ReceivedMessage, SubscriptionResource } from '../../../../src/main/embedded/pubsub/wire.ts'

const resource: SubscriptionResource = {
  name: 'projects/test/subscriptions/one',
  topic: 'projects/test/topics/one',
  ackDeadlineSeconds: 600,
  messageRetentionDuration: null,
  enableMessageOrdering: true,
  enableExactlyOnceDelivery: false,
  expirationPolicy: null,
  retryPolicy: null,
  deadLetterPolicy: null,
  pushConfig: null,
  bigqueryConfig: null,
  cloudStorageConfig: null,
  bigtableConfig: null,
  messageTransforms: [],
  filter: '',
  state: 'ACTIVE',
}

const message = (number: number, orderingKey: string): PublishedMessage => ({
  messageId: String(number),
  data: Buffer.from(String(number)),
  attributes: {},
  orderingKey,
  publishTime: { seconds: 0, nanos: 0 },
  sizeBytes: 1,
})

/** Messages come, are taken, and are settled in any order; `fails` says for each taken what becomes of it. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), key: fc.constantFrom('', 'red', 'blue') }),
    fc.record({
      kind: fc.constant('pull' as const),
      fails: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat() }),
  ),
  { maxLength: 120 },
)

/** Handles messages as they come, and what fails not at all; it leaves out those of a key that come too early. */
class Consumer {
  readonly acknowledged = new Set<string>()
  readonly handled = new Map<string, string[]>()
  readonly #subscription: Subscription
  readonly #published: readonly PublishedMessage[]
  readonly #held: { readonly received: ReceivedMessage; readonly fails: boolean }[] = []

  constructor(subscription: Subscription, published: readonly PublishedMessage[]) {
    this.#subscription = subscription
    this.#published = published
  }

  get held(): number {
    return this.#held.length
  }

  pull(fails: readonly boolean[]): void {
    for (const [index, received] of this.#subscription.pull(fails.length).entries()) {
      this.#held.push({ received, fails: fails[index]! })
      if (!fails[index]) this.#handle(received)
    }
  }

  settle(which: number): void {
    const { received, fails } = this.#held.splice(which % this.#held.length, 1)[0]!
    if (fails) this.#subscription.modifyDeadline([received.ackId], 0)
    else if (this.#subscription.acknowledge([received.ackId]).length === 0) {
      this.acknowledged.add(received.message.messageId)
    }
  }

  #handle({ message: { messageId, orderingKey } }: ReceivedMessage): void {
    const sequence = this.handled.get(orderingKey) ?? []
    this.handled.set(orderingKey, sequence)
    if (idsOf(this.#published, orderingKey)[sequence.length] === messageId) sequence.push(messageId)
  }
}

function idsOf(messages: readonly PublishedMessage[], key: string): string[] {
  return messages.filter(({ orderingKey }) => orderingKey === key).map(({ messageId }) => messageId)
}

describe('a subscription, whatever its consumers do,', () => {
  it('delivers each message until it is acknowledged, and those of a key in order', () => {
    fc.assert(
      fc.property(steps, (each) => {
        const subscription = new Subscription(resource, () => false, NO_JOURNAL)
        const published: PublishedMessage[] = []
        const consumer = new Consumer(subscription, published)
        for (const step of each) {
          if (step.kind === 'publish') {
            published.push(message(published.length, step.key))
            subscription.add(published.slice(-1))
          } else if (step.kind === 'pull') consumer.pull(step.fails)
          else if (consumer.held > 0) consumer.settle(step.which)
        }
        while (consumer.held > 0) consumer.settle(0)
        for (consumer.pull([false]); consumer.held > 0; consumer.pull([false])) consumer.settle(0)
        subscription.close(unavailable('the test is over'))
        expect([...consumer.acknowledged].toSorted()).toEqual(
          published.map(({ messageId }) => messageId).toSorted(),
        )
        for (const key of ['red', 'blue']) {
          expect(consumer.handled.get(key) ?? []).toEqual(idsOf(published, key))
        }
      }),
      { numRuns: 300 },
    )
  })
})
