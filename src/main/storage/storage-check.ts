import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../processors/failure.ts'
import type { Config } from '../config/config.ts'
import { folderTrouble, UnusableSetting, type Unusable } from '../config/unusable-setting.ts'
import { limitReached } from '../process-limits.ts'
import type { ImageStorage } from './image-storage.ts'
import { openStorage } from './opening.ts'

/** A file system may keep a call for ever. The calls of a bucket have a limit of their own. */
const FOLDER_TRIAL_MS = 10_000

/**
 * Opens the store and tries it before any image depends on it. Throws an {@link UnusableSetting} that says what is
 * expected, or names the limit of the process that keeps it from being tried.
 */
export async function openCheckedStorage({ storage }: Pick<Config, 'storage'>): Promise<ImageStorage> {
  const isFolder = storage.url.startsWith('file:')
  let store: ImageStorage | undefined
  try {
    store = await openStorage(storage)
    await (isFolder ? endsInTime(store.tryOut()) : store.tryOut())
    return store
  } catch (error) {
    // Where the file system hangs this has no end.
    void store?.close()
    const limit = limitReached(error)
    if (limit) throw limit
    const { problem, kind } = isFolder ? folderProblem(error) : bucketProblem(error, storage)
    throw new UnusableSetting(
      storage.isGiven ? `STORAGE_URL=${storage.url}` : `STORAGE_URL (unset, so ${storage.url} in DATA_DIR)`,
      `images cannot be stored there ${problem}`,
      kind,
      { cause: error },
    )
  }
}

async function endsInTime(trial: Promise<void>): Promise<void> {
  const ended = new AbortController()
  const limit = delay(FOLDER_TRIAL_MS, null, { signal: ended.signal }).then(() => {
    throw Object.assign(new Error('the file system does not answer'), { code: 'ETIMEDOUT' })
  })
  try {
    await Promise.race([trial, limit])
  } finally {
    ended.abort()
    limit.catch(() => undefined)
  }
}

type Problem = { readonly problem: string; readonly kind: Unusable }

function folderProblem(error: unknown): Problem {
  const { code, kind } = folderTrouble(error)
  return { problem: `(${code}); expected file:///ABSOLUTE/FOLDER that can be made and written`, kind }
}

function bucketProblem(error: unknown, storage: Config['storage']): Problem {
  const failure = error instanceof Failure ? error : null
  const kind = failure?.retryable ? 'unreachable' : 'wrong'
  if (failure?.category === 'network' || failure?.category === 'timeout') {
    return { problem: `(${failure.message}${codeOf(failure)}); expected a bucket ${whereOf(storage)}`, kind }
  }
  return {
    problem:
      `(${failure?.message ?? 'unexpected error'}); expected a bucket where the credentials may write, read, ` +
      'list and remove objects, and sign URLs where SIGNED_URL_LIFETIME_MS is set',
    kind,
  }
}

function codeOf({ cause }: Failure): string {
  return cause instanceof Error && 'code' in cause && cause.code !== 'unknown'
    ? `: ${String(cause.code)}`
    : ''
}

/** Where its service was looked for. */
function whereOf({ url, s3EndpointUrl, gcsEmulatorUrl }: Config['storage']): string {
  const [name, address] = url.startsWith('s3:')
    ? ['S3_ENDPOINT_URL', s3EndpointUrl]
    : ['STORAGE_EMULATOR_HOST', gcsEmulatorUrl]
  return address === null ? 'whose service answers' : `that answers at ${name}=${new URL(address).origin}`
}
