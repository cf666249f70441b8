import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from '../../processors/outcome.ts'
import type { TaskLog } from '../../processors/services.ts'
import type { TaskReference } from '../../processors/task.ts'
import type { DatabaseOutage } from './database-outage.ts'
import { parseMessage, WRONG_TYPE } from './message.ts'
import type { Parking } from './parking.ts'
import type { Quarantine, ReceivedMessage } from './quarantine.ts'
import { settlementFor, type Settlement } from './settlement.ts'

/** Of a message that Postgres, although it answers, cannot be told about. */
const MAX_TRIES = 3
const UNRECORDED_DELAY_MS = 2_000

/** Turns one message into a task's outcome, and the outcome into an answer to the broker. */
export class MessageHandler {
  readonly #run: (reference: TaskReference) => Promise<Outcome>
  readonly #quarantine: Pick<Quarantine, 'keep'>
  readonly #parking: Pick<Parking, 'park'>
  readonly #outage: Pick<DatabaseOutage, 'passed'>
  readonly #log: TaskLog

  constructor(
    run: (reference: TaskReference) => Promise<Outcome>,
    quarantine: Pick<Quarantine, 'keep'>,
    parking: Pick<Parking, 'park'>,
    outage: Pick<DatabaseOutage, 'passed'>,
    log: TaskLog,
  ) {
    this.#run = run
    this.#quarantine = quarantine
    this.#parking = parking
    this.#outage = outage
    this.#log = log
  }

  /**
   * Never throws. A message that Postgres could not be told about is kept in hand while Postgres is away, rather than
   * given back to be delivered again in vain. When `stopping` aborts, waiting ends and the message goes back to the
   * broker.
   */
  async handle(message: ReceivedMessage, stopping: AbortSignal): Promise<Settlement> {
    const parsed = parseMessage(message.data)
    for (let tries = 1; ; tries++) {
      try {
        if (!parsed.ok) return await this.#setAside(message, parsed.reason)
        const outcome = await this.#run(parsed.reference)
        if (outcome.kind === 'skipped') return await this.#settleSkipped(message, parsed.reference, outcome)
        if (outcome.kind !== 'unrecorded') return settlementFor(outcome)
      } catch (error) {
        this.#log.error({ messageId: message.id, err: error }, 'message not handled')
      }
      if (!stopping.aborted && (await this.#outage.passed())) tries = 0
      else if (tries >= MAX_TRIES) return 'nack'
      else await delay(UNRECORDED_DELAY_MS, undefined, { signal: stopping }).catch(() => undefined)
      if (stopping.aborted) return 'nack'
    }
  }

  async #settleSkipped(
    message: ReceivedMessage,
    reference: TaskReference,
    outcome: Extract<Outcome, { kind: 'skipped' }>,
  ): Promise<Settlement> {
    if (outcome.reason === 'wrong_type') return this.#setAside(message, WRONG_TYPE)
    // A task's row may become visible only after its message. Waiting here would keep other messages out.
    if (outcome.reason === 'missing') await this.#parking.park(message, reference)
    return settlementFor(outcome)
  }

  async #setAside(message: ReceivedMessage, reason: string): Promise<Settlement> {
    await this.#quarantine.keep(message, reason)
    this.#log.warn({ messageId: message.id, reason }, 'message quarantined')
    return 'ack'
  }
}
