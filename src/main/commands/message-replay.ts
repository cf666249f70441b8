import type { Config } from '../config/config.ts'
import { preparePubSub, publishProblem } from '../intake/pubsub-access.ts'
import { createPubSub } from '../intake/pubsub-client.ts'
import type { QuarantineArchive } from '../intake/quarantine-archive.ts'
import { replay } from '../intake/quarantine-replay.ts'
import { EXIT } from './exit-codes.ts'

/**
 * Publishes messages anew and prints one line for each; null means all that were never replayed. One that cannot be
 * replayed is named, keeps no other from being replayed, and makes the exit code 1.
 */
export async function replayMessages(
  archive: QuarantineArchive,
  config: Config,
  pubsubHost: string | null,
  ids: readonly string[] | null,
): Promise<void> {
  const pubsub = createPubSub(config.pubsub.project, pubsubHost)
  try {
    await preparePubSub(pubsub, config.pubsub, pubsubHost)
    const topic = pubsub.topic(config.pubsub.topic)
    for await (const { id, ...end } of replay(archive, topic, ids ?? (await archive.unreplayed()))) {
      if (end.ok) process.stdout.write(`replayed ${id} as message ${end.messageId}\n`)
      else {
        process.stderr.write(`concept-worker: message ${id} was not replayed: ${end.reason}\n`)
        process.exitCode = EXIT.failed
      }
    }
  } catch (error) {
    throw publishProblem(error, config.pubsub)
  } finally {
    await pubsub.close()
  }
}
