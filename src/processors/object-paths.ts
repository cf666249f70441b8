import { createHash } from 'node:crypto'
import type { EncodedImage } from '../threads/protocol.ts'
import type { ImageKind } from './image-kind.ts'
import type { PayingStage } from './stage-clock.ts'

const MAX_SEGMENT_BYTES = 200
/** What is a segment as it stands. */
const PLAIN = new RegExp(`^[\\w-]{1,${MAX_SEGMENT_BYTES}}$`)

/** Everything of a user lies below this path; it ends with a slash. */
export function userFolder(userId: string): string {
  return `users/${segment(userId)}/`
}

/** Everything of a task lies below this path, and nothing else does; it ends with a slash. */
export function taskFolder(userId: string, taskId: string): string {
  return `${userFolder(userId)}tasks/${taskId}/`
}

const EXTENSIONS: Readonly<Record<ImageKind, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
}
/** Enough of a digest to tell the few pictures of one task apart. */
const MARK_CHARACTERS = 12

/**
 * Paths of a concept's pictures follow from user, task, and what the picture is made of: `digest` is that of the
 * model's image, for a variation with its colours. So another attempt that goes on from the same image replaces its
 * own objects by the same ones, whoever comes late; and one that had to begin with another image never touches those
 * of the first. What is left over goes when the task's folder is tidied up.
 */
export function baseImagePath(
  userId: string,
  taskId: string,
  digest: string,
  contentType: EncodedImage['contentType'],
): string {
  return `${taskFolder(userId, taskId)}base-${mark(digest)}.${EXTENSIONS[contentType]}`
}

export function variationPath(
  userId: string,
  taskId: string,
  position: number,
  digest: string,
  contentType: EncodedImage['contentType'],
): string {
  const number = String(position).padStart(2, '0')
  return `${taskFolder(userId, taskId)}variation-${number}-${mark(digest)}.${EXTENSIONS[contentType]}`
}

/**
 * Where a model's image is kept until the task ends. The epoch makes the object one claim's own: no other writes it,
 * however late.
 */
export function paidImagePath(
  userId: string,
  taskId: string,
  stage: PayingStage,
  epoch: string,
  kind: ImageKind,
): string {
  return `${taskFolder(userId, taskId)}paid-${stage}-${epoch}.${EXTENSIONS[kind]}`
}

const mark = (digest: string) => digest.slice(0, MARK_CHARACTERS)

/**
 * One path segment for any user id: never empty, never a dot segment, no separators, different for different
 * ids. What has a long name gets its digest instead.
 */
function segment(userId: string): string {
  if (PLAIN.test(userId)) return userId
  const encoded = encodeURIComponent(userId.toWellFormed()).replace(
    /[.!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  if (encoded.length > 0 && encoded.length <= MAX_SEGMENT_BYTES) return encoded
  return `sha256.${createHash('sha256').update(userId).digest('hex')}`
}
