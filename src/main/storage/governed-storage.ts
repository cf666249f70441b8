import { Failure, type FailureCategory } from '../../processors/failure.ts'
import type { ImageFile, StoredObject, TaskLog } from '../../processors/services.ts'
import {
  CircuitBreaker,
  type BreakerOptions,
  type BreakerState,
  type Verdict,
} from '../availability/circuit-breaker.ts'
import type { Dependency } from '../availability/held-tasks.ts'
import type { ImageStorage } from './image-storage.ts'

/**
 * The image storage behind a circuit breaker: while it is down its calls wait instead of failing, and no new task is
 * begun that would pay a model for an image which then cannot be kept.
 */
export class GovernedStorage implements ImageStorage, Dependency {
  readonly #storage: ImageStorage
  readonly #breaker: CircuitBreaker

  constructor(storage: ImageStorage, options: BreakerOptions, log: TaskLog) {
    this.#storage = storage
    this.#breaker = new CircuitBreaker(options, (state, openMs) => {
      if (state === 'open') log.error({ openMs }, 'the image storage is down: its calls wait')
      else if (state === 'closed') log.info({}, 'the image storage answers again')
    })
  }

  get standing(): { readonly breaker: BreakerState; readonly waiting: number } {
    const { state, waiting } = this.#breaker
    return { breaker: state, waiting }
  }

  /** Tasks of every type need it. */
  breakersFor(): readonly CircuitBreaker[] {
    return [this.#breaker]
  }

  put(path: string, image: ImageFile, signal: AbortSignal): Promise<StoredObject> {
    return this.#call(() => this.#storage.put(path, image, signal), verdictOfWriting, signal)
  }

  get(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null> {
    return this.#call(() => this.#storage.get(path, maxBytes, signal), verdictOfReading, signal)
  }

  /** Goes on by itself: whoever tidies up has nobody waiting, and tries again later. */
  keepOnly(folder: string, paths: readonly string[]): Promise<void> {
    return this.#storage.keepOnly(folder, paths)
  }

  pathOf(url: string): string | null {
    return this.#storage.pathOf(url)
  }

  tryOut(): Promise<void> {
    return this.#storage.tryOut()
  }

  /** End the calls in hand first. */
  async close(): Promise<void> {
    this.#breaker.stop()
    await this.#storage.close()
  }

  async #call<T>(
    work: () => Promise<T>,
    verdictOf: (failure: Failure) => Verdict,
    signal: AbortSignal,
  ): Promise<T> {
    const pass = await this.#breaker.enter(signal)
    try {
      const answer = await work()
      pass({ kind: 'answered' })
      return answer
    } catch (error) {
      const says = error instanceof Failure && !signal.aborted
      pass(says ? verdictOf(error) : { kind: 'unknown' })
      throw error
    }
  }
}

const AWAY = new Set<FailureCategory>(['rate_limited', 'server', 'timeout', 'network'])
const REFUSED = new Set<FailureCategory>(['auth', 'quota'])

/** Where a path of ours cannot be written, no other can. */
function verdictOfWriting({ category, retryAfterMs }: Failure): Verdict {
  if (REFUSED.has(category)) return { kind: 'refused', retryAfterMs }
  return { kind: 'failed', retryAfterMs }
}

/**
 * Users name what is read: that one object is too large, is none, or is refused (as some buckets do with one that is
 * not there) says nothing of the others.
 */
function verdictOfReading({ category, retryAfterMs }: Failure): Verdict {
  return AWAY.has(category) ? { kind: 'failed', retryAfterMs } : { kind: 'unknown' }
}
