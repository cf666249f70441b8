import { describe, expect, it } from 'vitest'
import { settlementFor, type Settlement } from '../../../src/main/intake/settlement.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'

describe('a message', () => {
  const failure = new Failure('server', 'down')
  it.each<[Outcome, Settlement]>([
    [{ kind: 'completed', resultId: 'r' }, 'ack'],
    [{ kind: 'failed', failure }, 'ack'],
    [{ kind: 'retry', failure, afterMs: 1 }, 'ack'],
    [{ kind: 'lost' }, 'ack'],
    [{ kind: 'skipped', reason: 'held' }, 'ack'],
    [{ kind: 'skipped', reason: 'not_owner' }, 'ack'],
    [{ kind: 'skipped', reason: 'wrong_type' }, 'ack'],
    [{ kind: 'interrupted' }, 'nack'],
    [{ kind: 'unrecorded', failure }, 'nack'],
  ])('with the outcome %j is settled as %s', (outcome, settlement) => {
    expect(settlementFor(outcome)).toBe(settlement)
  })
})
