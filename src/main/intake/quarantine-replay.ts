import type { Topic } from '@google-cloud/pubsub'
import type { QuarantineArchive } from './quarantine-archive.ts'

export type Replay =
  | { readonly ok: true; readonly id: string; /** That the broker gave it now. */ readonly messageId: string }
  | { readonly ok: false; readonly id: string; readonly reason: string }

/**
 * Publishes messages of the quarantine anew, one after the other, with the bytes and the attributes that they came
 * with. One of which only the beginning was kept is refused. Throws what publishing throws; what was replayed up to
 * then is marked.
 */
export async function* replay(
  archive: QuarantineArchive,
  topic: Topic,
  ids: readonly string[],
): AsyncGenerator<Replay> {
  for (const id of ids) {
    const message = await archive.find(id)
    if (!message) {
      yield { ok: false, id, reason: 'there is no such message in quarantine' }
      continue
    }
    const { data, attributes, keptBytes, sizeBytes } = message
    if (keptBytes < sizeBytes) {
      yield { ok: false, id, reason: `only ${keptBytes} of its ${sizeBytes} bytes were kept` }
      continue
    }
    const messageId = await topic.publishMessage({ data, attributes })
    // Should this fail, the message may be replayed once more; a task is done once, however often it is named.
    await archive.markReplayed(id)
    yield { ok: true, id, messageId }
  }
}
