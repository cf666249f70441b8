/**
 * The protocol's messages as the loader of the proto definitions hands them over: camel case, numbers for 64-bit
 * integers, defaults filled in, and null for a message that is not set. Only fields that are read are listed;
 * resources keep the others.
 */

export type Timestamp = { readonly seconds: number; readonly nanos: number }
export type Duration = Timestamp

export type TopicResource = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly messageRetentionDuration: Duration | null
  readonly schemaSettings: object | null
  readonly ingestionDataSourceSettings: object | null
  readonly messageTransforms: readonly object[]
  readonly state: string
}

export type SubscriptionResource = {
  readonly name: string
  readonly topic: string
  readonly ackDeadlineSeconds: number
  readonly messageRetentionDuration: Duration | null
  readonly enableMessageOrdering: boolean
  readonly enableExactlyOnceDelivery: boolean
  readonly expirationPolicy: { readonly ttl: Duration | null } | null
  readonly retryPolicy: {
    readonly minimumBackoff: Duration | null
    readonly maximumBackoff: Duration | null
  } | null
  readonly deadLetterPolicy: {
    readonly deadLetterTopic: string
    readonly maxDeliveryAttempts: number
  } | null
  readonly pushConfig: { readonly pushEndpoint: string } | null
  readonly bigqueryConfig: object | null
  readonly cloudStorageConfig: object | null
  readonly bigtableConfig: object | null
  readonly messageTransforms: readonly object[]
  readonly filter: string
  readonly state: string
}

export type UpdateRequest<Field extends string, Resource> = {
  readonly [field in Field]: Resource | null
} & { readonly updateMask: { readonly paths: readonly string[] } | null }

export type PageRequest = { readonly pageSize: number; readonly pageToken: string }

export type PubsubMessage = {
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
  readonly orderingKey: string
}

export type PublishRequest = { readonly topic: string; readonly messages: readonly PubsubMessage[] }

export type AcknowledgeRequest = { readonly subscription: string; readonly ackIds: readonly string[] }

export type ModifyAckDeadlineRequest = AcknowledgeRequest & { readonly ackDeadlineSeconds: number }

export type PullRequest = {
  readonly subscription: string
  readonly returnImmediately: boolean
  readonly maxMessages: number
}

export type StreamingPullRequest = {
  readonly subscription: string
  readonly ackIds: readonly string[]
  readonly modifyDeadlineAckIds: readonly string[]
  readonly modifyDeadlineSeconds: readonly number[]
  readonly streamAckDeadlineSeconds: number
  readonly maxOutstandingMessages: number
  readonly maxOutstandingBytes: number
}

export type ReceivedMessage = {
  readonly ackId: string
  readonly message: PubsubMessage & { readonly messageId: string; readonly publishTime: Timestamp }
  readonly deliveryAttempt: number
}

export type PullResponse = { readonly receivedMessages: readonly ReceivedMessage[] }

export type AckConfirmation = {
  readonly ackIds: readonly string[]
  readonly invalidAckIds: readonly string[]
}

export type StreamingPullResponse = {
  readonly receivedMessages?: readonly ReceivedMessage[]
  readonly acknowledgeConfirmation?: AckConfirmation
  readonly modifyAckDeadlineConfirmation?: AckConfirmation
  readonly subscriptionProperties?: {
    readonly exactlyOnceDeliveryEnabled: boolean
    readonly messageOrderingEnabled: boolean
  }
}
