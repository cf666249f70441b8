import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js'
import { staleAckIds } from './ack-failure.ts'
import { checkBounds, MAX_ACK_DEADLINE_S } from './bounds.ts'
import type { Journal } from './journal.ts'
import { pageOf } from './listing.ts'
import { checkProjectName } from './resource-names.ts'
import { invalidArgument } from './status-error.ts'
import { streamingPull } from './streaming-pull.ts'
import type { Subscriptions } from './subscriptions.ts'
import { unary, unaryChange } from './unary-call.ts'
import { unaryPull } from './unary-pull.ts'
import type {
  AcknowledgeRequest,
  ModifyAckDeadlineRequest,
  PageRequest,
  PullRequest,
  StreamingPullRequest,
  StreamingPullResponse,
  SubscriptionResource,
  UpdateRequest,
} from './wire.ts'

/** google.pubsub.v1.Subscriber; what is missing answers UNIMPLEMENTED. */
export function subscriberService(
  subscriptions: Subscriptions,
  journal: Journal,
): UntypedServiceImplementation {
  return {
    createSubscription: unaryChange(journal, (asked: SubscriptionResource) => subscriptions.create(asked)),
    getSubscription: unary(
      (request: { readonly subscription: string }) => subscriptions.get(request.subscription).resource,
    ),
    updateSubscription: unaryChange(journal, (request: UpdateRequest<'subscription', SubscriptionResource>) =>
      subscriptions.update(request),
    ),
    deleteSubscription: unaryChange(journal, ({ subscription }: { readonly subscription: string }) => {
      subscriptions.delete(subscription)
      return {}
    }),
    listSubscriptions: unary((request: PageRequest & { readonly project: string }) => {
      checkProjectName(request.project)
      const listed = subscriptions.list(request.project)
      const { items, nextPageToken } = pageOf(listed, ({ name }) => name, request)
      return { subscriptions: items, nextPageToken }
    }),
    acknowledge: unaryChange(journal, (request: AcknowledgeRequest) => acknowledge(subscriptions, request)),
    modifyAckDeadline: unaryChange(journal, (request: ModifyAckDeadlineRequest) =>
      modifyDeadline(subscriptions, request),
    ),
    pull: unary((request: PullRequest, call) => unaryPull(call, subscriptions.get(request.subscription))),
    streamingPull: (call: ServerDuplexStream<StreamingPullRequest, StreamingPullResponse>) =>
      streamingPull(call, (name) => subscriptions.get(name)),
  }
}

function acknowledge(subscriptions: Subscriptions, { subscription: name, ackIds }: AcknowledgeRequest) {
  const subscription = subscriptions.get(name)
  if (ackIds.length === 0) throw invalidArgument('ack_ids must not be empty')
  const stale = subscription.acknowledge(ackIds)
  if (stale.length > 0 && subscription.resource.enableExactlyOnceDelivery) throw staleAckIds(stale)
  return {}
}

function modifyDeadline(subscriptions: Subscriptions, request: ModifyAckDeadlineRequest) {
  const { subscription: name, ackIds, ackDeadlineSeconds } = request
  const subscription = subscriptions.get(name)
  if (ackIds.length === 0) throw invalidArgument('ack_ids must not be empty')
  checkBounds('ack_deadline_seconds', ackDeadlineSeconds, 0, MAX_ACK_DEADLINE_S)
  const stale = subscription.modifyDeadline(ackIds, ackDeadlineSeconds)
  if (stale.length > 0 && subscription.resource.enableExactlyOnceDelivery) throw staleAckIds(stale)
  return {}
}
