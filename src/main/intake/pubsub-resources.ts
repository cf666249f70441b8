import type { PubSub } from '@google-cloud/pubsub'

const ALREADY_EXISTS = 6
/** Left to itself the client tries for a minute. */
const CALL = { timeout: 10_000 }

/**
 * Makes the topic and the subscription where they are missing. For emulators and the embedded server only: in
 * production they are the operator's, with settings of their own.
 */
export async function ensurePubSubResources(
  pubsub: PubSub,
  topicName: string,
  subscriptionName: string,
): Promise<void> {
  await pubsub.createTopic(topicName, CALL).catch(ignoreExisting)
  await pubsub.topic(topicName).createSubscription(subscriptionName, { gaxOpts: CALL }).catch(ignoreExisting)
}

function ignoreExisting(error: { code?: number }): void {
  if (error.code !== ALREADY_EXISTS) throw error as Error
}
