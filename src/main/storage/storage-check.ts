import { Failure } from '../../processors/failure.ts'
import type { Config } from '../config/config.ts'
import { UnusableSetting, type Unusable } from '../config/unusable-setting.ts'
import type { ImageStorage } from './image-storage.ts'
import { openStorage } from './opening.ts'

/** What may pass by itself: the disk is full, the device sick, the process out of file handles. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'EBUSY'])

/**
 * Opens the store and tries it before any image depends on it. Throws an {@link UnusableSetting} that says what is
 * expected.
 */
export async function openCheckedStorage({ storage }: Pick<Config, 'storage'>): Promise<ImageStorage> {
  let store: ImageStorage | undefined
  try {
    store = await openStorage(storage)
    await store.tryOut()
    return store
  } catch (error) {
    store?.close()
    const { problem, kind } = storage.url.startsWith('file:') ? folderProblem(error) : bucketProblem(error)
    throw new UnusableSetting(
      storage.isGiven ? `STORAGE_URL=${storage.url}` : `STORAGE_URL (unset, so ${storage.url} in DATA_DIR)`,
      `images cannot be stored there ${problem}`,
      kind,
      { cause: error },
    )
  }
}

type Problem = { readonly problem: string; readonly kind: Unusable }

function folderProblem(error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return {
    problem: `(${code}); expected file:///ABSOLUTE/FOLDER that can be made and written`,
    kind: PASSING.has(code) ? 'unreachable' : 'wrong',
  }
}

function bucketProblem(error: unknown): Problem {
  const failure = error instanceof Failure ? error : null
  return {
    problem:
      `(${failure?.message ?? 'unexpected error'}); expected a bucket where the credentials may write, read, ` +
      'list and remove objects, and sign URLs where SIGNED_URL_LIFETIME_MS is set',
    kind: failure?.retryable ? 'unreachable' : 'wrong',
  }
}
