import { createHash } from 'node:crypto'

const MAX_SEGMENT_BYTES = 200

/** Everything of a user lies below this path; it ends with a slash. */
export function userFolder(userId: string): string {
  return `users/${segment(userId)}/`
}

/** Paths follow from user and task, so that another attempt replaces its own objects and leaves no others. */
export function baseImagePath(userId: string, taskId: string): string {
  return `${userFolder(userId)}tasks/${taskId}/base.png`
}

export function variationPath(userId: string, taskId: string, position: number): string {
  return `${userFolder(userId)}tasks/${taskId}/variation-${String(position).padStart(2, '0')}.png`
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
