/** Something with a due time. Both fields belong to the queue; a slot of -1 means that it is not in it. */
export interface Scheduled {
  dueAtMs: number
  slot: number
}

/**
 * Calls back when items are due. One timer serves them all: a binary heap orders them, and every item knows its
 * slot, so that moving and cancelling cost O(log n) and leave nothing behind.
 */
export class DeadlineQueue<Item extends Scheduled> {
  readonly #heap: Item[] = []
  readonly #onDue: (items: readonly Item[]) => void
  #timer: NodeJS.Timeout | undefined
  #timerDueAtMs = Infinity

  constructor(onDue: (items: readonly Item[]) => void) {
    this.#onDue = onDue
  }

  /** Adds the item, or moves it if it is in already. */
  schedule(item: Item, delayMs: number): void {
    item.dueAtMs = performance.now() + delayMs
    if (item.slot === -1) this.#place(item, this.#heap.length)
    this.#settle(item)
    this.#arm()
  }

  cancel(item: Item): void {
    if (item.slot === -1) return
    const slot = item.slot
    const last = this.#heap.pop()!
    item.slot = -1
    if (last === item) return
    this.#place(last, slot)
    this.#settle(last)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerDueAtMs = Infinity
    for (const item of this.#heap) item.slot = -1
    this.#heap.length = 0
  }

  /** The timer may be early, when what it was set for has moved; it is never late. */
  #arm(): void {
    const next = this.#heap[0]
    if (!next || next.dueAtMs >= this.#timerDueAtMs) return
    clearTimeout(this.#timer)
    this.#timerDueAtMs = next.dueAtMs
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(next.dueAtMs - performance.now())))
  }

  #fire(): void {
    this.#timer = undefined
    this.#timerDueAtMs = Infinity
    const nowMs = performance.now()
    const due: Item[] = []
    for (let next = this.#heap[0]; next && next.dueAtMs <= nowMs; next = this.#heap[0]) {
      this.cancel(next)
      due.push(next)
    }
    if (due.length > 0) this.#onDue(due)
    this.#arm()
  }

  #place(item: Item, slot: number): void {
    this.#heap[slot] = item
    item.slot = slot
  }

  /** Moves an item up or down until its parent is not later and its children are not earlier. */
  #settle(item: Item): void {
    for (;;) {
      const parent = this.#heap[(item.slot - 1) >> 1]
      if (item.slot === 0 || !parent || parent.dueAtMs <= item.dueAtMs) break
      this.#swap(item, parent)
    }
    for (;;) {
      const left = this.#heap[item.slot * 2 + 1]
      const right = this.#heap[item.slot * 2 + 2]
      const earlier = right && left && right.dueAtMs < left.dueAtMs ? right : left
      if (!earlier || earlier.dueAtMs >= item.dueAtMs) break
      this.#swap(item, earlier)
    }
  }

  #swap(a: Item, b: Item): void {
    const slot = a.slot
    this.#place(a, b.slot)
    this.#place(b, slot)
  }
}
