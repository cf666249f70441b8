import { Failure } from '../../processors/failure.ts'
import type { ImageErrorCode, JobResult } from '../../threads/protocol.ts'

const CATEGORIES: Readonly<Record<ImageErrorCode, 'invalid_image' | 'image_thread'>> = {
  image_undecodable: 'invalid_image',
  image_unsupported: 'invalid_image',
  image_too_large: 'invalid_image',
  image_timeout: 'invalid_image',
  image_failed: 'image_thread',
}

/** What a thread's refusal of an image means for the task. */
export function imageFailure({ code, message, unforeseen }: Extract<JobResult, { ok: false }>): Failure {
  return new Failure(
    CATEGORIES[code],
    message,
    unforeseen === undefined ? {} : { cause: new Error(unforeseen) },
  )
}
