import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from '../../processors/outcome.ts'
import type { TaskLog } from '../../processors/services.ts'
import type { TaskReference } from '../../processors/task.ts'
import { parseMessage } from './message.ts'
import type { Parking } from './parking.ts'
import type { Quarantine, ReceivedMessage } from './quarantine.ts'
import { settlementFor, type Settlement } from './settlement.ts'

/** So that a database that is down is not asked again the moment the broker delivers anew. */
const UNRECORDED_DELAY_MS = 2_000

/** Turns one message into a task's outcome, and the outcome into an answer to the broker. */
export class MessageHandler {
  readonly #run: (reference: TaskReference) => Promise<Outcome>
  readonly #quarantine: Pick<Quarantine, 'keep'>
  readonly #parking: Pick<Parking, 'park'>
  readonly #log: TaskLog

  constructor(
    run: (reference: TaskReference) => Promise<Outcome>,
    quarantine: Pick<Quarantine, 'keep'>,
    parking: Pick<Parking, 'park'>,
    log: TaskLog,
  ) {
    this.#run = run
    this.#quarantine = quarantine
    this.#parking = parking
    this.#log = log
  }

  /** Never throws. When `stopping` aborts, waiting ends and the message goes back to the broker. */
  async handle(message: ReceivedMessage, stopping: AbortSignal): Promise<Settlement> {
    try {
      const parsed = parseMessage(message.data)
      if (!parsed.ok) return await this.#setAside(message, parsed.reason)
      const outcome = await this.#run(parsed.reference)
      if (outcome.kind === 'skipped' && outcome.reason === 'missing') {
        // A task's row may become visible only after its message. Waiting here would keep other messages out.
        await this.#parking.park(message, parsed.reference)
        return 'ack'
      }
      if (outcome.kind === 'unrecorded') await delay(UNRECORDED_DELAY_MS, undefined, { signal: stopping })
      return settlementFor(outcome)
    } catch (error) {
      if (!stopping.aborted) this.#log.error({ messageId: message.id, err: error }, 'message not handled')
      return 'nack'
    }
  }

  async #setAside(message: ReceivedMessage, reason: string): Promise<Settlement> {
    await this.#quarantine.keep(message, reason)
    this.#log.warn({ messageId: message.id, reason }, 'message quarantined')
    return 'ack'
  }
}
