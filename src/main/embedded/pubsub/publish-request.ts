import { invalidArgument } from './status-error.ts'
import type { PubsubMessage, PublishRequest } from './wire.ts'

// The service's limits: https://docs.cloud.google.com/pubsub/quotas#resource_limits
const MAX_MESSAGES = 1_000
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024
const MAX_MESSAGE_BYTES = 10_000_000
const MAX_ATTRIBUTES = 100
const MAX_ATTRIBUTE_KEY_BYTES = 256
const MAX_ATTRIBUTE_VALUE_BYTES = 1_024
const MAX_ORDERING_KEY_BYTES = 1_024

/** Throws INVALID_ARGUMENT for what the service would refuse to publish. */
export function checkPublishRequest({ messages }: PublishRequest): void {
  if (messages.length === 0) throw invalidArgument('messages must not be empty')
  if (messages.length > MAX_MESSAGES) {
    throw invalidArgument(`messages must be at most ${MAX_MESSAGES}, not ${messages.length}`)
  }
  const orderingKey = messages[0]?.orderingKey
  let requestBytes = 0
  for (const message of messages) {
    if (message.orderingKey !== orderingKey) {
      throw invalidArgument('all messages of a request must have the same ordering_key')
    }
    checkMessage(message)
    requestBytes += messageBytes(message)
  }
  if (requestBytes > MAX_REQUEST_BYTES) {
    throw invalidArgument(`Request payload size exceeds the limit: ${MAX_REQUEST_BYTES} bytes`)
  }
}

/** What a message counts for flow control and limits: data, attributes and ordering key. */
export function messageBytes({ data, attributes, orderingKey }: PubsubMessage): number {
  let bytes = data.length + Buffer.byteLength(orderingKey)
  for (const key in attributes) bytes += Buffer.byteLength(key) + Buffer.byteLength(attributes[key] ?? '')
  return bytes
}

function checkMessage(message: PubsubMessage): void {
  const attributes = Object.entries(message.attributes)
  if (message.data.length === 0 && attributes.length === 0) {
    throw invalidArgument('a message must have data or at least one attribute')
  }
  if (messageBytes(message) > MAX_MESSAGE_BYTES) {
    throw invalidArgument(`a message must be at most ${MAX_MESSAGE_BYTES} bytes`)
  }
  if (Buffer.byteLength(message.orderingKey) > MAX_ORDERING_KEY_BYTES) {
    throw invalidArgument(`ordering_key must be at most ${MAX_ORDERING_KEY_BYTES} bytes`)
  }
  if (attributes.length > MAX_ATTRIBUTES) {
    throw invalidArgument(`attributes must be at most ${MAX_ATTRIBUTES}, not ${attributes.length}`)
  }
  for (const [key, value] of attributes) {
    if (key === '' || key.startsWith('goog') || Buffer.byteLength(key) > MAX_ATTRIBUTE_KEY_BYTES) {
      throw invalidArgument(
        `a key of attributes must have 1 to ${MAX_ATTRIBUTE_KEY_BYTES} bytes and must not start with "goog"`,
      )
    }
    if (Buffer.byteLength(value) > MAX_ATTRIBUTE_VALUE_BYTES) {
      throw invalidArgument(`a value of attributes must be at most ${MAX_ATTRIBUTE_VALUE_BYTES} bytes`)
    }
  }
}
