import type { Outcome } from '../../processors/outcome.ts'
import type { TaskLog } from '../../processors/services.ts'
import type { TaskReference } from '../../processors/task.ts'
import { parseMessage, WRONG_TYPE } from './message.ts'
import type { ParkedMessage, ParkedMessages } from './parked-messages.ts'
import type { Quarantine, ReceivedMessage } from './quarantine.ts'
import { settlementFor } from './settlement.ts'

const PERIOD_MS = 2_000
/** Messages looked at in one statement. */
const BATCH = 64

const MISSING_TASK = 'task_id: expected the id of a row in tasks'

/** The part of the task runner that is needed here. */
export interface Runner {
  readonly freeSlots: number
  run(reference: TaskReference): Promise<Outcome>
}

/**
 * Where messages wait whose task cannot be seen yet: in Postgres, so that they take nobody's place in the meantime and
 * survive this worker. When the task appears the message is run as if it had just come; when patience is over it goes
 * into quarantine.
 */
export class Parking {
  readonly #parked: ParkedMessages
  readonly #quarantine: Pick<Quarantine, 'keep'>
  readonly #runner: Runner
  readonly #firstLookMs: number
  readonly #log: TaskLog
  readonly #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  /** The sweep under way; while one waits for its answer no other is started. */
  #sweep: Promise<void> | undefined
  #stopped = false

  constructor(
    parked: ParkedMessages,
    quarantine: Pick<Quarantine, 'keep'>,
    runner: Runner,
    firstLookMs: number,
    log: TaskLog,
  ) {
    this.#parked = parked
    this.#quarantine = quarantine
    this.#runner = runner
    this.#firstLookMs = firstLookMs
    this.#log = log
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#startSweep(), PERIOD_MS)
  }

  /** Keeps a message; from then on it may be acknowledged. */
  async park(message: ReceivedMessage, { taskId }: TaskReference): Promise<void> {
    await this.#parked.park(message, taskId)
    this.#log.info({ messageId: message.id, taskId }, 'message parked until its task appears')
    // Most tasks appear at once, and need not wait for the next sweep.
    if (!this.#stopped) this.#soon ??= setTimeout(() => this.#lookSoon(), this.#firstLookMs)
  }

  /** Starts nothing more; resolves when what was handed over is settled. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    await this.#sweep
    await Promise.all(this.#running)
  }

  #lookSoon(): void {
    this.#soon = undefined
    this.#startSweep()
  }

  #startSweep(): void {
    this.#sweep ??= this.#sweepOnce().finally(() => (this.#sweep = undefined))
  }

  async #sweepOnce(): Promise<void> {
    try {
      await this.#giveUp()
      while (this.#runner.freeSlots > 0 && !this.#stopped) {
        const { visible, looked } = await this.#parked.takeVisible(BATCH)
        for (const message of visible) this.#start(message)
        if (looked < BATCH) return
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'parked messages could not be looked at')
    }
  }

  async #giveUp(): Promise<void> {
    while (!this.#stopped) {
      const messageIds = await this.#parked.giveUp(BATCH, MISSING_TASK)
      for (const messageId of messageIds) {
        this.#log.warn({ messageId, reason: MISSING_TASK }, 'message quarantined')
      }
      if (messageIds.length < BATCH) return
    }
  }

  #start(message: ParkedMessage): void {
    const running = this.#run(message).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #run(message: ParkedMessage): Promise<void> {
    try {
      const parsed = parseMessage(message.data)
      if (!parsed.ok) await this.#quarantine.keep(message, parsed.reason)
      else {
        const outcome = await this.#runner.run(parsed.reference)
        if (!isSeenTo(outcome)) return
        if (outcome.kind === 'skipped' && outcome.reason === 'wrong_type') {
          await this.#quarantine.keep(message, WRONG_TYPE)
        }
      }
      await this.#parked.remove(message)
    } catch (error) {
      // It is due again after a while.
      this.#log.warn({ messageId: message.id, err: error }, 'parked message not handled')
    }
  }
}

/**
 * Whether the message can go. As for the broker's, but that a task in other hands is no reason yet: the other hands
 * may be those of this very message, taken up again while its task still waits for its turn.
 */
function isSeenTo(outcome: Outcome): boolean {
  if (outcome.kind === 'skipped' && (outcome.reason === 'missing' || outcome.reason === 'held')) return false
  return settlementFor(outcome) === 'ack'
}
