import { WaitingLine } from '../availability/waiting-line.ts'

/** At most so many calls at once; others wait in the order of arrival. */
export class CallPlaces {
  readonly #limit: number
  readonly #line = new WaitingLine()
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get taken(): number {
    return this.#taken
  }

  /** Resolves when a place is free for the caller, who gives it back. Throws the signal's reason once it is aborted. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#taken < this.#limit) this.#taken++
    else await this.#line.wait(signal)
  }

  /** Hands the place to the next in line, or leaves it free. */
  giveBack(): void {
    if (!this.#line.callFirst()) this.#taken--
  }
}
