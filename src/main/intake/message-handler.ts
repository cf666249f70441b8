import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from '../../processors/outcome.ts'
import type { TaskLog } from '../../processors/services.ts'
import type { TaskReference } from '../../processors/task.ts'
import { parseMessage } from './message.ts'
import type { Quarantine, ReceivedMessage } from './quarantine.ts'

/** What the broker is told about a message. */
export type Settlement = 'ack' | 'nack'

export type Patience = {
  /** A task's row may become visible only after its message; this is how long it is waited for. */
  readonly missingTaskMs: number
  readonly firstDelayMs: number
}

const MAX_DELAY_MS = 4_000
/** So that a database that is down is not asked again the moment the broker delivers anew. */
const UNRECORDED_DELAY_MS = 2_000

/** Turns one message into a task's outcome, and the outcome into an answer to the broker. */
export class MessageHandler {
  readonly #run: (reference: TaskReference) => Promise<Outcome>
  readonly #quarantine: Pick<Quarantine, 'keep'>
  readonly #log: TaskLog
  readonly #patience: Patience

  constructor(
    run: (reference: TaskReference) => Promise<Outcome>,
    quarantine: Pick<Quarantine, 'keep'>,
    log: TaskLog,
    patience: Patience,
  ) {
    this.#run = run
    this.#quarantine = quarantine
    this.#log = log
    this.#patience = patience
  }

  /** Never throws. When `stopping` aborts, waiting ends and the message goes back to the broker. */
  async handle(message: ReceivedMessage, stopping: AbortSignal): Promise<Settlement> {
    try {
      const parsed = parseMessage(message.data)
      if (!parsed.ok) return await this.#setAside(message, parsed.reason)
      const outcome = await this.#runVisible(parsed.reference, stopping)
      if (outcome.kind === 'skipped' && outcome.reason === 'missing') {
        return stopping.aborted
          ? 'nack'
          : await this.#setAside(message, 'task_id: expected the id of a row in tasks')
      }
      if (outcome.kind === 'unrecorded') await delay(UNRECORDED_DELAY_MS, undefined, { signal: stopping })
      return settlementFor(outcome)
    } catch (error) {
      if (!stopping.aborted) this.#log.error({ messageId: message.id, err: error }, 'message not handled')
      return 'nack'
    }
  }

  /** Runs the task; while its row is missing, again and again with growing delays. */
  async #runVisible(reference: TaskReference, stopping: AbortSignal): Promise<Outcome> {
    const giveUpAtMs = performance.now() + this.#patience.missingTaskMs
    for (let delayMs = this.#patience.firstDelayMs; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
      const outcome = await this.#run(reference)
      const missing = outcome.kind === 'skipped' && outcome.reason === 'missing'
      if (!missing || stopping.aborted || performance.now() + delayMs > giveUpAtMs) return outcome
      await delay(delayMs, undefined, { signal: stopping })
    }
  }

  async #setAside(message: ReceivedMessage, reason: string): Promise<Settlement> {
    await this.#quarantine.keep(message, reason)
    this.#log.warn({ messageId: message.id, reason }, 'message quarantined')
    return 'ack'
  }
}

/**
 * A message may be acknowledged once Postgres knows how things stand: what is due later, or was taken over, is
 * found there by a reaper. It goes back to the broker where Postgres could not be told, and where the task was
 * released, so that another worker has it at once.
 */
export function settlementFor(outcome: Outcome): Settlement {
  switch (outcome.kind) {
    case 'completed':
    case 'failed':
    case 'retry':
    case 'lost':
    case 'skipped':
      return 'ack'
    case 'interrupted':
    case 'unrecorded':
      return 'nack'
  }
}
