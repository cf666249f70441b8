import { Failure } from '../../processors/failure.ts'
import type { MemoryNeed } from './image-cost.ts'

const MIB = 1024 * 1024

type Waiting = { readonly need: MemoryNeed; readonly admit: () => void }

/** The part of the image memory that one image has; it is given back when its owner and all its jobs are done. */
export interface Holding {
  /** Takes memory for jobs that one thread does one after the other; false when there is none now. */
  startJobs(count: number): boolean
  endJobs(count: number): void
  /** The owner needs the image no more. A second call does nothing. */
  release(): void
}

/**
 * Bounds what images take in memory while they are in hand, so that large ones wait before they are decoded and do
 * not bring the machine down. Three rules:
 *
 * 1. The images in hand leave a quarter of the memory, and room for one job on the largest of them: whichever image is
 *    in hand can always be worked on, so that nothing waits for ever.
 * 2. A large image is one that takes more than its thread's quarter of memory. Large ones have a line of their own and
 *    get half of the memory, or one of them alone what it needs: they cannot shut the small ones out.
 * 3. In each line the first comes first. While the first large image waits for nothing but small ones, these leave
 *    aside what it needs: they may pass it, but not keep it out.
 */
export class ImageMemory {
  readonly #totalBytes: number
  readonly #largeBytes: number
  readonly #waitingSmall: Waiting[] = []
  readonly #waitingLarge: Waiting[] = []
  readonly #large = new Set<MemoryNeed>()
  #heldBytes = 0
  #workBytes = 0

  constructor(totalBytes: number, threads: number) {
    this.#totalBytes = totalBytes
    this.#largeBytes = totalBytes / (4 * threads)
  }

  /** What images and jobs have now. */
  get usedBytes(): number {
    return this.#heldBytes + this.#workBytes
  }

  /** Images that wait for room. */
  get waiting(): number {
    return this.#waitingSmall.length + this.#waitingLarge.length
  }

  /**
   * Resolves when there is room for the image. Throws a Failure when there never can be, and the signal's reason when
   * it aborts before.
   */
  async admit(need: MemoryNeed, signal: AbortSignal): Promise<Holding> {
    signal.throwIfAborted()
    if (need.heldBytes + Math.max(this.#totalBytes / 4, need.workBytes) > this.#totalBytes) {
      const [needed, available] = [sizeOf(need), this.#totalBytes].map((bytes) => Math.ceil(bytes / MIB))
      const message = `the image must fit into ${available} MiB of memory; it may need ${needed}`
      throw new Failure('invalid_image', message)
    }
    const line = this.#isLarge(need) ? this.#waitingLarge : this.#waitingSmall
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        line.splice(line.indexOf(waiting), 1)
        reject(signal.reason as Error)
        // Whoever stood behind it may have room.
        this.#admitWaiting()
      }
      const admit = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiting = { need, admit }
      signal.addEventListener('abort', onAbort, { once: true })
      line.push(waiting)
      this.#admitWaiting()
    })
    return this.#hold(need)
  }

  #hold(need: MemoryNeed): Holding {
    let users = 1
    let released = false
    const leave = () => {
      if (--users > 0) return
      this.#heldBytes -= need.heldBytes
      this.#large.delete(need)
      this.#admitWaiting()
    }
    return {
      startJobs: (count) => {
        const bytes = workOf(need, count)
        // One job alone may always be started where no other runs: there is room for it, by rule 1.
        const isOnly = this.#workBytes === 0 && count === 1
        if (!isOnly && this.usedBytes + bytes > this.#totalBytes) return false
        this.#workBytes += bytes
        users++
        return true
      },
      endJobs: (count) => {
        this.#workBytes -= workOf(need, count)
        leave()
      },
      release: () => {
        if (released) return
        released = true
        leave()
      },
    }
  }

  #admitWaiting(): void {
    let aside: MemoryNeed | undefined
    for (
      let next = this.#waitingLarge[0];
      next && this.#largeHaveRoom(next.need);
      next = this.#waitingLarge[0]
    ) {
      if (!this.#fits([next.need])) {
        aside = next.need
        break
      }
      this.#take(this.#waitingLarge)
    }
    for (let next = this.#waitingSmall[0]; next; next = this.#waitingSmall[0]) {
      if (!this.#fits(aside ? [next.need, aside] : [next.need])) return
      this.#take(this.#waitingSmall)
    }
  }

  #take(line: Waiting[]): void {
    const next = line.shift()
    if (!next) return
    this.#heldBytes += next.need.heldBytes
    if (this.#isLarge(next.need)) this.#large.add(next.need)
    next.admit()
  }

  #isLarge(need: MemoryNeed): boolean {
    return sizeOf(need) > this.#largeBytes
  }

  #largeHaveRoom(need: MemoryNeed): boolean {
    const bytes = [...this.#large].reduce((sum, large) => sum + sizeOf(large), sizeOf(need))
    return this.#large.size === 0 || bytes <= this.#totalBytes / 2
  }

  /** Whether these can be held beside what is held already, with room for the work on any. */
  #fits(needs: readonly MemoryNeed[]): boolean {
    const heldBytes = needs.reduce((sum, need) => sum + need.heldBytes, this.#heldBytes)
    const workBytes = [...this.#large, ...needs].map((need) => need.workBytes)
    return heldBytes + Math.max(this.#totalBytes / 4, ...workBytes) <= this.#totalBytes
  }
}

/** Of jobs one after the other: the work on one, and the results of the others. */
function workOf({ workBytes, resultBytes }: MemoryNeed, count: number): number {
  return workBytes + (count - 1) * resultBytes
}

function sizeOf({ heldBytes, workBytes }: MemoryNeed): number {
  return heldBytes + workBytes
}
