import type { ImageStore, TaskLog } from '../../processors/services.ts'
import type { TaskFolders } from './task-folders.ts'

const PERIOD_MS = 10_000
/** In one sweep; the next one goes on. */
const MAX_FOLDERS = 50
/** Where so many cannot be tidied up in one sweep, it is the store that is away, and the others would fare no better. */
const MAX_FAILED = 5

/**
 * Removes the objects that ended tasks have left: of failed and cancelled tasks all, of completed ones what the
 * worker did not come to remove. Any number of sweepers may run at once.
 */
export class FolderSweeper {
  readonly #folders: TaskFolders
  readonly #store: Pick<ImageStore, 'keepOnly'>
  readonly #graceMs: number
  readonly #log: TaskLog
  #timer: NodeJS.Timeout | undefined
  /** The sweep under way; while one waits for the store no other is started. */
  #sweep: Promise<void> | undefined
  #stopping = false

  /** `graceMs`: a task that ended so long ago has no worker any more that could store something for it. */
  constructor(folders: TaskFolders, store: Pick<ImageStore, 'keepOnly'>, graceMs: number, log: TaskLog) {
    this.#folders = folders
    this.#store = store
    this.#graceMs = graceMs
    this.#log = log
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#sweep ??= this.sweepOnce().finally(() => (this.#sweep = undefined))
    }, PERIOD_MS)
  }

  /** Never throws: what could not be removed is still on the list, and a later sweep tries again. */
  async sweepOnce(): Promise<void> {
    const errors: unknown[] = []
    try {
      for (let count = 0; count < MAX_FOLDERS && errors.length < MAX_FAILED && !this.#stopping; count++) {
        const tidied = await this.#folders.tidyOne(this.#store, this.#graceMs)
        if (tidied.kind === 'none') break
        if (tidied.kind === 'failed') errors.push(tidied.error)
      }
    } catch (error) {
      errors.push(error)
    }
    if (errors.length > 0) {
      const [err] = errors
      this.#log.warn({ err, failed: errors.length }, 'objects of ended tasks could not be removed')
    }
  }

  /** Waits for the folder in hand. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#sweep
  }
}
