import { DatabaseError } from 'pg'

/** The answer for an item whose row somebody has locked. */
export const BUSY = Symbol('busy')

/** A statement that can do its work for many items at once. */
export type ManyItemStatement<Item, Answer> = {
  /** Two items of the same key never share a statement. */
  keyOf(item: Item): string
  /** Waits for no row lock: an item whose row is locked is answered with `BUSY`. One answer an item, in their order. */
  sendMany(items: readonly Item[]): Promise<readonly (Answer | typeof BUSY)[]>
  /** Waits for the lock of its one row. */
  sendOne(item: Item): Promise<Answer>
}

export type BatchLimits = {
  readonly maxItems: number
  /** Statements under way at once, beside those of single items. */
  readonly maxInFlight: number
}

const LIMITS: BatchLimits = { maxItems: 256, maxInFlight: 2 }
/** Statements of single items under way at once. */
const MAX_ALONE = 2

/**
 * Gathers what comes together into one statement. There is no timer: an item that comes alone is sent at the end of
 * the event loop's turn, and while statements are under way the next batch gathers by itself.
 *
 * Each item has its own answer. One whose row is locked, or that breaks the statement for all, is sent again alone:
 * it neither fails the others nor keeps them waiting. As the statement of many never waits for a row, and that of one
 * holds no other row while it waits, these statements cannot deadlock, whatever their order.
 */
export class StatementBatch<Item, Answer> {
  readonly #statement: ManyItemStatement<Item, Answer>
  readonly #limits: BatchLimits
  #queue: Waiting<Item, Answer>[] = []
  readonly #alone: Waiting<Item, Answer>[] = []
  #inFlight = 0
  #aloneInFlight = 0
  #isScheduled = false

  constructor(statement: ManyItemStatement<Item, Answer>, limits: Partial<BatchLimits> = {}) {
    this.#statement = statement
    this.#limits = { ...LIMITS, ...limits }
  }

  /** Rejects with the driver's error. */
  run(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, resolve, reject })
      this.#sendSoon()
    })
  }

  /** What arrives in the same turn of the event loop goes along. */
  #sendSoon(): void {
    if (this.#isScheduled || this.#queue.length === 0 || this.#inFlight >= this.#limits.maxInFlight) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      void this.#sendNext()
    })
  }

  async #sendNext(): Promise<void> {
    const batch = this.#take()
    this.#inFlight++
    this.#sendSoon()
    try {
      const answers = await this.#statement.sendMany(batch.map(({ item }) => item))
      batch.forEach((waiting, i) => {
        const answer = answers[i]
        if (answer === undefined || answer === BUSY) this.#sendAlone(waiting)
        else waiting.resolve(answer)
      })
    } catch (error) {
      const isRowsFault = batch.length > 1 && concernsItsRows(error)
      for (const waiting of batch) {
        if (isRowsFault) this.#sendAlone(waiting)
        else waiting.reject(error)
      }
    } finally {
      this.#inFlight--
      this.#sendSoon()
    }
  }

  #take(): Waiting<Item, Answer>[] {
    const batch = new Map<string, Waiting<Item, Answer>>()
    const twice: Waiting<Item, Answer>[] = []
    let looked = 0
    for (const waiting of this.#queue) {
      if (batch.size >= this.#limits.maxItems) break
      looked++
      const key = this.#statement.keyOf(waiting.item)
      if (batch.has(key)) twice.push(waiting)
      else batch.set(key, waiting)
    }
    this.#queue = [...twice, ...this.#queue.slice(looked)]
    return [...batch.values()]
  }

  #sendAlone(waiting: Waiting<Item, Answer>): void {
    this.#alone.push(waiting)
    if (this.#aloneInFlight < MAX_ALONE) void this.#sendEachAlone()
  }

  async #sendEachAlone(): Promise<void> {
    this.#aloneInFlight++
    for (let next = this.#alone.shift(); next; next = this.#alone.shift()) {
      await this.#statement.sendOne(next.item).then(next.resolve, next.reject)
    }
    this.#aloneInFlight--
  }
}

type Waiting<Item, Answer> = {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Classes of errors that one row can bring on all: its data, a constraint, a limit of size, and a deadlock with
 * somebody else's transaction.
 */
const ROW_ERRORS = /^(22|23|40|54)/

function concernsItsRows(error: unknown): boolean {
  return error instanceof DatabaseError && ROW_ERRORS.test(error.code ?? '')
}
