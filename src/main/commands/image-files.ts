import { readFile } from 'node:fs/promises'
import { Failure } from '../../processors/failure.ts'
import type { ImageInHand, OutputFormat } from '../../threads/protocol.ts'
import { loadConfig } from '../config/config.ts'
import { IMAGE_LIMITS } from '../pool/image-settings.ts'
import { ThreadPool } from '../pool/thread-pool.ts'
import { CommandError, EXIT } from './exit-codes.ts'

const JOB_TIMEOUT_MS = 300_000
/** The thread encodes what it has decoded; nobody reads that here. */
const UNREAD: OutputFormat = { type: 'png', compressionLevel: 0 }

/** Runs `work` with a pool of image threads, sized as the worker's would be, and ends it. */
export async function withThreads(work: (threads: ThreadPool) => Promise<void>): Promise<void> {
  const { pool } = loadConfig(process.env)
  const threads = new ThreadPool({ ...pool, jobTimeoutMs: JOB_TIMEOUT_MS })
  try {
    await work(threads)
  } finally {
    await threads.stop()
  }
}

/** Reads and decodes an image file; a mistake names the file. */
export async function openImage(
  path: string,
  threads: ThreadPool,
  signal: AbortSignal,
): Promise<ImageInHand> {
  const encoded = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path}: cannot be read (${error.code ?? 'unknown'})`, EXIT.dataError)
  })
  return imageErrors(path, async () => {
    const input = { encoded, limits: IMAGE_LIMITS, format: UNREAD }
    const { value } = await threads.run('prepareImage', input, signal)
    return value.image
  })
}

/** Gives a thread's refusal the name of the file. */
export async function imageErrors<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Failure) throw new CommandError(`${path}: ${error.message}`, EXIT.dataError)
    throw error
  }
}
