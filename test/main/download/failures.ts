import { expect } from 'vitest'
import { Failure } from '../../../src/processors/failure.ts'

/** What somebody can learn from a failed download: everything that is stored with the task. */
export type Told = Pick<Failure, 'category' | 'message' | 'retryable' | 'retryAfterMs'>

/** The failure that a download must end in. */
export async function failureOf(download: Promise<unknown>): Promise<Told> {
  const error = await download.then(
    () => expect.fail('the download succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof Failure)) throw error
  const { category, message, retryable, retryAfterMs } = error
  return { category, message, retryable, retryAfterMs }
}

/** The one answer for a host that is forbidden or is not there. */
export const REFUSED: Told = {
  category: 'original_unavailable',
  message:
    'original_image_url: no image could be fetched from there; expected a server at a public address that answers',
  retryable: false,
  retryAfterMs: undefined,
}
