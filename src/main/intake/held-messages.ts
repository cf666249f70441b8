import type { Message } from '@google-cloud/pubsub'

export type HoldingLimits = {
  readonly messages: number
  readonly bytes: number
}

/**
 * The messages that are in the worker's hands, whichever stream brought them: from their arrival until they are
 * settled. There is a limit, because not every broker keeps to what was asked of it.
 */
export class HeldMessages {
  readonly #limits: HoldingLimits
  readonly #messages = new Set<Message>()
  readonly #waiting = new Set<() => void>()
  #bytes = 0

  constructor(limits: HoldingLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#messages.size
  }

  /** Takes a message in hand; false where there is no room for it. One is always taken, however large. */
  add(message: Message): boolean {
    const { messages, bytes } = this.#limits
    const isFull = this.count >= messages || this.#bytes + message.length > bytes
    if (isFull && this.count > 0) return false
    this.#messages.add(message)
    this.#bytes += message.length
    return true
  }

  /** Lets go of a message that is about to be settled; false where it was given back in the meantime. */
  remove(message: Message): boolean {
    if (!this.#messages.delete(message)) return false
    this.#bytes -= message.length
    if (this.count === 0) {
      for (const wake of this.#waiting) wake()
      this.#waiting.clear()
    }
    return true
  }

  /** Resolves when no message is in hand. */
  async emptied(): Promise<void> {
    if (this.count > 0) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** Gives every message back to the broker, although somebody still works on it. */
  giveBack(): void {
    for (const message of this.#messages) {
      this.remove(message)
      message.nack()
    }
  }
}
