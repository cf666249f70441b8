import { createHash } from 'node:crypto'
import type { EncodedImage } from '../threads/protocol.ts'

const MAX_SEGMENT_BYTES = 200

/** Everything of a user lies below this path; it ends with a slash. */
export function userFolder(userId: string): string {
  return `users/${segment(userId)}/`
}

/** Everything of a task lies below this path, and nothing else does; it ends with a slash. */
export function taskFolder(userId: string, taskId: string): string {
  return `${userFolder(userId)}tasks/${taskId}/`
}

type ContentType = EncodedImage['contentType']

const EXTENSIONS: Readonly<Record<ContentType, string>> = { 'image/png': 'png', 'image/webp': 'webp' }

/**
 * Paths follow from user, task and what the image is, so that another attempt replaces its own objects. One that
 * writes another format leaves those of the first beside its own, until the task's folder is tidied up.
 */
export function baseImagePath(userId: string, taskId: string, contentType: ContentType): string {
  return `${taskFolder(userId, taskId)}base.${EXTENSIONS[contentType]}`
}

export function variationPath(
  userId: string,
  taskId: string,
  position: number,
  contentType: ContentType,
): string {
  const number = String(position).padStart(2, '0')
  return `${taskFolder(userId, taskId)}variation-${number}.${EXTENSIONS[contentType]}`
}

/**
 * One path segment for any user id: never empty, never a dot segment, no separators, different for different
 * ids. What has a long name gets its digest instead.
 */
function segment(userId: string): string {
  const encoded = encodeURIComponent(userId.toWellFormed()).replace(
    /[.!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  if (encoded.length > 0 && encoded.length <= MAX_SEGMENT_BYTES) return encoded
  return `sha256.${createHash('sha256').update(userId).digest('hex')}`
}
