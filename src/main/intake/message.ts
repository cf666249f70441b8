import type { TaskReference } from '../../processors/task.ts'

const MAX_MESSAGE_BYTES = 2 * 1024 * 1024
const MAX_JSON_DEPTH = 32
const MAX_USER_ID_CHARACTERS = 1_024
export const USER_ID_FORM = `text of 1 to ${MAX_USER_ID_CHARACTERS} characters without NUL`
/** Says why a message that names another type than its task's row is set aside. */
export const WRONG_TYPE = "task_type: expected the type that the task's row has"
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export type ParsedMessage =
  | { readonly ok: true; readonly reference: TaskReference }
  | { readonly ok: false; /** Safe to show; names the field. */ readonly reason: string }

/**
 * Reads a message as far as it takes to know whose task it is about. The fields of the task itself are its
 * processor's to check, because a mistake there belongs to the task's row and not into quarantine.
 */
export function parseMessage(data: Uint8Array): ParsedMessage {
  if (data.byteLength > MAX_MESSAGE_BYTES) return refuse(`expected at most ${MAX_MESSAGE_BYTES} bytes`)
  if (isDeeperThan(data, MAX_JSON_DEPTH)) return refuse(`expected JSON at most ${MAX_JSON_DEPTH} levels deep`)
  let value: unknown
  try {
    value = JSON.parse(UTF_8.decode(data))
  } catch {
    return refuse('expected JSON in UTF-8 without a byte order mark')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('expected a JSON object')
  }
  const {
    task_id: taskId,
    user_id: userId,
    task_type: taskType,
    ...fields
  } = value as Record<string, unknown>
  if (typeof taskId !== 'string' || !UUID.test(taskId)) return refuse('task_id: expected a UUID')
  if (typeof userId !== 'string' || !isUserId(userId)) {
    return refuse(`user_id: expected ${USER_ID_FORM}`)
  }
  return {
    ok: true,
    reference: {
      taskId: taskId.toLowerCase(),
      userId,
      // Postgres takes neither NUL nor half a surrogate pair; no type has one.
      taskType: isText(taskType) ? taskType : '',
      fields,
    },
  }
}

function refuse(reason: string): ParsedMessage {
  return { ok: false, reason }
}

/** Whether a message may name this user. Half a surrogate pair is no character. */
export function isUserId(text: string): boolean {
  return text.length > 0 && text.length <= MAX_USER_ID_CHARACTERS && isText(text)
}

/** Whether Postgres can hold it as text. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed()
}

/** Whether brackets nest deeper than `limit` in JSON text, found without parsing it. */
function isDeeperThan(json: Uint8Array, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (inString) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
