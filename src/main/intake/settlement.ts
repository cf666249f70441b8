import type { Outcome } from '../../processors/outcome.ts'

/** What the broker is told about a message. */
export type Settlement = 'ack' | 'nack'

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
    case 'cancelled':
    case 'skipped':
      return 'ack'
    case 'interrupted':
    case 'unrecorded':
      return 'nack'
  }
}
