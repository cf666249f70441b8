import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Journal } from './journal.ts'
import { pageOf } from './listing.ts'
import { checkProjectName } from './resource-names.ts'
import type { Topics } from './topics.ts'
import { unary, unaryChange } from './unary-call.ts'
import type { PageRequest, PublishRequest, TopicResource, UpdateRequest } from './wire.ts'

/** google.pubsub.v1.Publisher; what is missing answers UNIMPLEMENTED. */
export function publisherService(topics: Topics, journal: Journal): UntypedServiceImplementation {
  return {
    createTopic: unaryChange(journal, (topic: TopicResource) => topics.create(topic)),
    getTopic: unary(({ topic }: { readonly topic: string }) => topics.get(topic)),
    updateTopic: unaryChange(journal, (request: UpdateRequest<'topic', TopicResource>) =>
      topics.update(request),
    ),
    deleteTopic: unaryChange(journal, ({ topic }: { readonly topic: string }) => {
      topics.delete(topic)
      return {}
    }),
    listTopics: unary((request: PageRequest & { readonly project: string }) => {
      checkProjectName(request.project)
      const { items, nextPageToken } = pageOf(topics.list(request.project), ({ name }) => name, request)
      return { topics: items, nextPageToken }
    }),
    listTopicSubscriptions: unary((request: PageRequest & { readonly topic: string }) => {
      const names = topics.subscriptionsOf(request.topic)
      const { items, nextPageToken } = pageOf(names, (name) => name, request)
      return { subscriptions: items, nextPageToken }
    }),
    publish: unaryChange(journal, (request: PublishRequest) => ({ messageIds: topics.publish(request) })),
  }
}
