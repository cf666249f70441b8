/** Whoever waits for something, in the order of arrival; who stops waiting leaves the line. */
export class WaitingLine {
  readonly #waiting = new Set<() => void>()

  get length(): number {
    return this.#waiting.size
  }

  /** Resolves when it is called up. Throws the signal's reason once the signal is aborted. */
  wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const callUp = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.delete(callUp)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(callUp)
    })
  }

  /** Calls up the first in line; false where nobody waits. */
  callFirst(): boolean {
    const [first] = this.#waiting
    if (!first) return false
    this.#waiting.delete(first)
    first()
    return true
  }

  callAll(): void {
    while (this.callFirst());
  }
}
