import type { PublishedMessage } from './delivery.ts'
import type { SubscriptionResource, TopicResource } from './wire.ts'

/** What changes the state that outlives the server. In the order of the records each may be applied twice. */
export type JournalRecord =
  /** Made or changed. */
  | { readonly kind: 'topic'; readonly resource: TopicResource }
  | { readonly kind: 'topic-deleted'; readonly name: string }
  | { readonly kind: 'subscription'; readonly resource: SubscriptionResource }
  | { readonly kind: 'subscription-deleted'; readonly name: string }
  | {
      readonly kind: 'published'
      readonly messages: readonly PublishedMessage[]
      /** The names of those that got them. */
      readonly subscriptions: readonly string[]
    }
  /** Acknowledged, or passed on as dead letters, so that they never come back. */
  | { readonly kind: 'settled'; readonly subscription: string; readonly messageIds: readonly string[] }

/** Where the server writes down what it takes on, before it answers that it did. */
export interface Journal {
  add(record: JournalRecord): void
  /** Resolves when all that was added is written; rejects, with UNAVAILABLE, once something could not be. */
  written(): Promise<void>
}

/** For a server whose state ends with it. */
export const NO_JOURNAL: Journal = {
  add: () => undefined,
  written: () => Promise.resolve(),
}

/** In one record of a snapshot. */
const MAX_RECORD_BYTES = 256 * 1024

/** The records that make a state from nothing. */
export function* snapshotOf(state: {
  readonly topics: Iterable<TopicResource>
  readonly subscriptions: Iterable<{
    readonly resource: SubscriptionResource
    /** In order of publication. */
    readonly messages: Iterable<PublishedMessage>
  }>
}): Generator<JournalRecord> {
  for (const resource of state.topics) yield { kind: 'topic', resource }
  for (const { resource, messages } of state.subscriptions) {
    yield { kind: 'subscription', resource }
    for (const slice of slicesOf(messages)) {
      yield { kind: 'published', messages: slice, subscriptions: [resource.name] }
    }
  }
}

function* slicesOf(messages: Iterable<PublishedMessage>): Generator<PublishedMessage[]> {
  let slice: PublishedMessage[] = []
  let bytes = 0
  for (const message of messages) {
    slice.push(message)
    bytes += message.sizeBytes
    if (bytes < MAX_RECORD_BYTES) continue
    yield slice
    slice = []
    bytes = 0
  }
  if (slice.length > 0) yield slice
}
