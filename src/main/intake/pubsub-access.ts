import type { PubSub } from '@google-cloud/pubsub'
import type { Config } from '../config/config.ts'
import { codeOf, UnusableSetting } from '../config/unusable-setting.ts'
import { ensurePubSubResources } from './pubsub-resources.ts'

/**
 * Makes sure of Pub/Sub before anything depends on it: at an emulator or the embedded server, which `host` names, by
 * making the topic and the subscription where they are missing; for Google Cloud by looking for credentials. Throws
 * an {@link UnusableSetting} that says what is expected.
 */
export async function preparePubSub(
  pubsub: PubSub,
  { topic, subscription, emulatorHost, project }: Config['pubsub'],
  host: string | null,
): Promise<void> {
  if (host === null) return checkCredentials(pubsub, project)
  try {
    await ensurePubSubResources(pubsub, topic, subscription)
  } catch (error) {
    if (emulatorHost === null) throw error
    throw new UnusableSetting(
      `PUBSUB_EMULATOR_HOST=${emulatorHost}`,
      'no Pub/Sub emulator answers there; expected HOST:PORT of one that runs',
      'unreachable',
      { cause: error },
    )
  }
}

/** Only that there are some: whether they suffice is known when they are used. */
async function checkCredentials(pubsub: PubSub, project: string): Promise<void> {
  try {
    await pubsub.auth.getClient()
  } catch (error) {
    throw new UnusableSetting(
      `PUBSUB_PROJECT=${project}`,
      'there are no credentials for Google Cloud; expected GOOGLE_APPLICATION_CREDENTIALS=FILE of a key, ' +
        'a login with "gcloud auth application-default login", or a machine with a service account',
      'wrong',
      { cause: error },
    )
  }
}

const DEADLINE_EXCEEDED = 4
const NOT_FOUND = 5
const PERMISSION_DENIED = 7
const UNAVAILABLE = 14
const UNAUTHENTICATED = 16

/** What an error of publishing says about the environment; an error that says nothing comes back as it is. */
export function publishProblem(error: unknown, { topic, project }: Config['pubsub']): unknown {
  const of = (problem: string, kind: 'wrong' | 'unreachable') =>
    new UnusableSetting(`PUBSUB_TOPIC=${topic}`, problem, kind, { cause: error })
  switch (codeOf(error)) {
    case NOT_FOUND:
      return of(`there is no such topic in the project ${project}; expected one that exists`, 'wrong')
    case PERMISSION_DENIED:
    case UNAUTHENTICATED:
      return of(
        `the credentials do not suffice for publishing to it in the project ${project}; expected the role ` +
          'roles/pubsub.publisher',
        'wrong',
      )
    case DEADLINE_EXCEEDED:
    case UNAVAILABLE:
      return of('Pub/Sub does not answer; expected a way to it from here', 'unreachable')
    default:
      return error
  }
}
