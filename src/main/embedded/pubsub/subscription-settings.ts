import { checkBounds, checkRetention, inSeconds, MAX_ACK_DEADLINE_S, MIN_ACK_DEADLINE_S } from './bounds.ts'
import { checkResourceName } from './resource-names.ts'
import { unimplemented } from './status-error.ts'
import type { Duration, SubscriptionResource } from './wire.ts'

const DEFAULT_ACK_DEADLINE_S = 10
const DEFAULT_RETENTION_S = 7 * 24 * 60 * 60
const DEFAULT_EXPIRATION_S = 31 * 24 * 60 * 60
const DEFAULT_MIN_BACKOFF_S = 10
const MAX_BACKOFF_S = 600
const DEFAULT_DELIVERY_ATTEMPTS = 5
const MIN_DELIVERY_ATTEMPTS = 5
const MAX_DELIVERY_ATTEMPTS = 100

/** The fields that UpdateSubscription may change, by their names in an update mask. */
export const MUTABLE_SUBSCRIPTION_FIELDS = {
  ack_deadline_seconds: 'ackDeadlineSeconds',
  dead_letter_policy: 'deadLetterPolicy',
  enable_exactly_once_delivery: 'enableExactlyOnceDelivery',
  expiration_policy: 'expirationPolicy',
  labels: 'labels',
  message_retention_duration: 'messageRetentionDuration',
  push_config: 'pushConfig',
  retain_acked_messages: 'retainAckedMessages',
  retry_policy: 'retryPolicy',
}

/**
 * A subscription as it was asked for, with the service's defaults filled in. Throws INVALID_ARGUMENT where a value is
 * out of the service's bounds, and UNIMPLEMENTED for what would be ignored here: push delivery, export, filters and
 * transforms.
 */
export function subscriptionSettings(asked: SubscriptionResource): SubscriptionResource {
  checkResourceName('subscriptions', asked.name, 'name')
  checkSupported(asked)
  checkRetention(asked.messageRetentionDuration)
  const ackDeadlineSeconds = asked.ackDeadlineSeconds || DEFAULT_ACK_DEADLINE_S
  checkBounds('ack_deadline_seconds', ackDeadlineSeconds, MIN_ACK_DEADLINE_S, MAX_ACK_DEADLINE_S)
  return {
    ...asked,
    ackDeadlineSeconds,
    messageRetentionDuration: asked.messageRetentionDuration ?? seconds(DEFAULT_RETENTION_S),
    expirationPolicy: asked.expirationPolicy ?? { ttl: seconds(DEFAULT_EXPIRATION_S) },
    retryPolicy: retryPolicy(asked.retryPolicy),
    deadLetterPolicy: deadLetterPolicy(asked.deadLetterPolicy),
    state: 'ACTIVE',
  }
}

function checkSupported(asked: SubscriptionResource): void {
  const unsupported = [
    (asked.pushConfig?.pushEndpoint ?? '') !== '' && 'push_config',
    asked.bigqueryConfig && 'bigquery_config',
    asked.cloudStorageConfig && 'cloud_storage_config',
    asked.bigtableConfig && 'bigtable_config',
    asked.messageTransforms.length > 0 && 'message_transforms',
    asked.filter !== '' && 'filter',
  ].find((field) => typeof field === 'string')
  if (unsupported !== undefined) throw unimplemented(`${unsupported} is not supported by this server`)
}

function retryPolicy(asked: SubscriptionResource['retryPolicy']): SubscriptionResource['retryPolicy'] {
  if (!asked) return null
  const minimumBackoff = asked.minimumBackoff ?? seconds(DEFAULT_MIN_BACKOFF_S)
  const maximumBackoff = asked.maximumBackoff ?? seconds(MAX_BACKOFF_S)
  checkBounds('retry_policy.minimum_backoff', inSeconds(minimumBackoff), 0, MAX_BACKOFF_S)
  checkBounds(
    'retry_policy.maximum_backoff',
    inSeconds(maximumBackoff),
    inSeconds(minimumBackoff),
    MAX_BACKOFF_S,
  )
  return { minimumBackoff, maximumBackoff }
}

function deadLetterPolicy(
  asked: SubscriptionResource['deadLetterPolicy'],
): SubscriptionResource['deadLetterPolicy'] {
  if (!asked) return null
  checkResourceName('topics', asked.deadLetterTopic, 'dead_letter_policy.dead_letter_topic')
  const maxDeliveryAttempts = asked.maxDeliveryAttempts || DEFAULT_DELIVERY_ATTEMPTS
  checkBounds(
    'dead_letter_policy.max_delivery_attempts',
    maxDeliveryAttempts,
    MIN_DELIVERY_ATTEMPTS,
    MAX_DELIVERY_ATTEMPTS,
  )
  return { deadLetterTopic: asked.deadLetterTopic, maxDeliveryAttempts }
}

function seconds(value: number): Duration {
  return { seconds: value, nanos: 0 }
}
