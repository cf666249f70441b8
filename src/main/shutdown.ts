import type { TaskLog } from '../processors/services.ts'

/**
 * The end of several parts within one common bound. A part that hangs holds nobody up beyond it: the parts after it
 * are still told to stop, but no longer waited for, and what did not come to its end is known by name.
 */
export class Shutdown {
  readonly #log: TaskLog
  readonly #open = new Set<string>()
  readonly #bound: Promise<void>
  #timer: NodeJS.Timeout | undefined

  /** The bound counts from now. */
  constructor(timeoutMs: number, log: TaskLog) {
    this.#log = log
    this.#bound = new Promise((resolve) => {
      this.#timer = setTimeout(resolve, timeoutMs)
    })
  }

  /** Resolves when the part has stopped, or when the bound is reached. Never rejects: a failure is logged and named. */
  part(name: string, stop: () => Promise<unknown>): Promise<void> {
    this.#open.add(name)
    const stopped = this.#stop(name, stop)
    return Promise.race([stopped, this.#bound])
  }

  /** Call it last; answers the names of the parts that have not stopped. */
  end(): readonly string[] {
    clearTimeout(this.#timer)
    return [...this.#open]
  }

  async #stop(name: string, stop: () => Promise<unknown>): Promise<void> {
    try {
      await stop()
      this.#open.delete(name)
    } catch (error) {
      this.#log.error({ part: name, err: error }, 'a part of the worker could not be stopped')
    }
  }
}
