import { Metadata, status } from '@grpc/grpc-js'
import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader'
import { StatusError } from './status-error.ts'

const STALE_ACK_IDS =
  'Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have ' +
  'expired or the acknowledgement ids were malformed.'

/** The part of google/rpc/status.proto and google/rpc/error_details.proto that the answer needs. */
const ERROR_DETAILS = {
  nested: {
    Any: { fields: { typeUrl: { type: 'string', id: 1 }, value: { type: 'bytes', id: 2 } } },
    Status: {
      fields: {
        code: { type: 'int32', id: 1 },
        message: { type: 'string', id: 2 },
        details: { rule: 'repeated', type: 'Any', id: 3 },
      },
    },
    ErrorInfo: {
      fields: {
        reason: { type: 'string', id: 1 },
        domain: { type: 'string', id: 2 },
        metadata: { keyType: 'string', type: 'string', id: 3 },
      },
    },
  },
}

/** The client never hears of an answer whose trailing metadata are larger than about 64 KiB, and is stuck. */
const MAX_NAMED_ACK_IDS = 500

type Encoder = MessageTypeDefinition<object, object>

/**
 * The answer to acknowledgements or deadlines of a subscription with exactly-once delivery whose ids are not, or no
 * longer, leased. The client finds each id's fate in the status details; where there are too many to name, it takes
 * the rest for failed as well.
 */
export function staleAckIds(ackIds: readonly string[]): StatusError {
  const types = fromJSON(ERROR_DETAILS)
  const errorInfo = (types['ErrorInfo'] as Encoder).serialize({
    reason: 'EXACTLY_ONCE_ACKID_FAILURE',
    domain: 'pubsub.googleapis.com',
    metadata: Object.fromEntries(
      ackIds.slice(0, MAX_NAMED_ACK_IDS).map((ackId) => [ackId, 'PERMANENT_FAILURE_INVALID_ACK_ID']),
    ),
  })
  const details = (types['Status'] as Encoder).serialize({
    code: status.INVALID_ARGUMENT,
    message: STALE_ACK_IDS,
    details: [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: errorInfo }],
  })
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', details)
  return new StatusError(status.INVALID_ARGUMENT, STALE_ACK_IDS, metadata)
}
