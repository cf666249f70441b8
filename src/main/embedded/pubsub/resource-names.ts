import { invalidArgument } from './status-error.ts'

const RESOURCE_NAME = /^projects\/([^/]+)\/(topics|subscriptions)\/(?!goog)([A-Za-z][\w.~+%-]{2,254})$/
const PROJECT_NAME = /^projects\/[^/]+$/
const MAX_ECHO_CHARACTERS = 300

/** What a subscription's topic is called once it has been deleted. */
export const DELETED_TOPIC = '_deleted-topic_'

/** Throws INVALID_ARGUMENT naming the field unless the value is a full name of that collection. */
export function checkResourceName(
  collection: 'topics' | 'subscriptions',
  value: string,
  field: string,
): void {
  if (RESOURCE_NAME.exec(value)?.[2] === collection) return
  throw invalidArgument(
    `Invalid [${collection}] name: (${field}=${value.slice(0, MAX_ECHO_CHARACTERS)}). ` +
      `It must be projects/{project}/${collection}/{id}, where the id is 3 to 255 characters of ` +
      `letters, digits and -_.~+%, starts with a letter and does not start with "goog".`,
  )
}

/** Throws INVALID_ARGUMENT unless the value is projects/{project}. */
export function checkProjectName(value: string): void {
  if (PROJECT_NAME.test(value)) return
  throw invalidArgument(
    `Invalid [projects] name: (project=${value.slice(0, MAX_ECHO_CHARACTERS)}). It must be projects/{project}.`,
  )
}

/** Project and id of a checked resource name. */
export function nameParts(name: string): { readonly project: string; readonly id: string } {
  const [, project = '', , id = ''] = name.split('/')
  return { project, id }
}
