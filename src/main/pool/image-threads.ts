import type { ImageWork, TaskImages } from '../../processors/services.ts'
import type { ImageMemory } from './image-memory.ts'
import { OneTasksImages, type ImageOptions } from './one-tasks-images.ts'
import type { TaskUse } from './in-flight-target.ts'
import type { ThreadPool } from './thread-pool.ts'

/**
 * The processors' image work, done on the pool with the worker's limits and output format. Of an image the main thread
 * reads what its header claims, to set memory aside, and nothing else.
 */
export class ImageThreads implements ImageWork {
  readonly #pool: ThreadPool
  readonly #memory: ImageMemory
  readonly #options: ImageOptions
  readonly #onTask: (use: TaskUse) => void

  /** `onTask` hears of each task that has ended. */
  constructor(pool: ThreadPool, memory: ImageMemory, options: ImageOptions, onTask: (use: TaskUse) => void) {
    this.#pool = pool
    this.#memory = memory
    this.#options = options
    this.#onTask = onTask
  }

  open(): TaskImages {
    return new OneTasksImages(this.#pool, this.#memory, this.#options, this.#onTask)
  }
}
