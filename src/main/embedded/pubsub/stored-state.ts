import { createReadStream } from 'node:fs'
import type { PublishedMessage } from './delivery.ts'
import type { JournalRecord } from './journal.ts'
import { readRecord } from './journal-text.ts'
import { DELETED_TOPIC } from './resource-names.ts'
import type { SubscriptionResource, TopicResource } from './wire.ts'

type StoredSubscription = {
  readonly resource: SubscriptionResource
  /** By their ids, in order of publication. */
  readonly messages: Map<string, PublishedMessage>
}

const CHUNK_BYTES = 1024 * 1024

/** What a server before this one had taken on and not finished. */
export class StoredState {
  readonly topics = new Map<string, TopicResource>()
  readonly subscriptions = new Map<string, StoredSubscription>()
  /** The highest; 0 where there are no messages. */
  lastMessageId = 0

  /**
   * Reads a journal; a file that is not there is an empty one. A last line without an end was cut off by a kill
   * before anybody got an answer, and does not count. Rejects where another line is no record.
   */
  static async read(path: string): Promise<StoredState> {
    const state = new StoredState()
    let lines = 0
    let rest = ''
    try {
      // Between the chunks the event loop has its turn.
      for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
        const complete = (rest + (chunk as string)).split('\n')
        rest = complete.pop() ?? ''
        for (const line of complete) {
          lines++
          state.#apply(readRecord(line))
        }
      }
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw new Error(`line ${lines} of ${path} is damaged: remove the file to begin without messages`, {
          cause: error,
        })
      }
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    return state
  }

  #apply(record: JournalRecord): void {
    switch (record.kind) {
      case 'topic':
        this.topics.set(record.resource.name, record.resource)
        break
      case 'topic-deleted':
        this.topics.delete(record.name)
        for (const [name, { resource, messages }] of this.subscriptions) {
          if (resource.topic !== record.name) continue
          this.subscriptions.set(name, { resource: { ...resource, topic: DELETED_TOPIC }, messages })
        }
        break
      case 'subscription': {
        const { resource } = record
        const messages =
          this.subscriptions.get(resource.name)?.messages ?? new Map<string, PublishedMessage>()
        this.subscriptions.set(resource.name, { resource, messages })
        break
      }
      case 'subscription-deleted':
        this.subscriptions.delete(record.name)
        break
      case 'published':
        for (const { messageId } of record.messages) {
          this.lastMessageId = Math.max(this.lastMessageId, Number(messageId))
        }
        for (const name of record.subscriptions) {
          const messages = this.subscriptions.get(name)?.messages
          for (const message of record.messages) messages?.set(message.messageId, message)
        }
        break
      case 'settled': {
        const messages = this.subscriptions.get(record.subscription)?.messages
        for (const id of record.messageIds) messages?.delete(id)
        break
      }
    }
  }
}
