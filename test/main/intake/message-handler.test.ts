import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { MessageHandler, settlementFor } from '../../../src/main/intake/message-handler.ts'
import { Quarantine } from '../../../src/main/intake/quarantine.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const TASK_ID = '6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11'
const valid = JSON.stringify({ task_id: TASK_ID, user_id: 'u', task_type: 'concept_generation' })
const completed: Outcome = { kind: 'completed', resultId: 'r' }
const missing: Outcome = { kind: 'skipped', reason: 'missing' }

let pool: Pool
let nextId = 0

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

afterAll(() => pool.end())

function received(data: string | Uint8Array, attributes = {}) {
  return { id: `message-${nextId++}`, data: Buffer.from(data), attributes, publishedAt: new Date() }
}

function handlerFor(outcomes: Outcome[], missingTaskMs = 1_000) {
  const asked: number[] = []
  const run = () => {
    asked.push(performance.now())
    return Promise.resolve(outcomes.length > 1 ? outcomes.shift()! : outcomes[0]!)
  }
  const { log } = recordedLog()
  const handler = new MessageHandler(run, new Quarantine(pool), log, { missingTaskMs, firstDelayMs: 5 })
  return { handler, asked }
}

async function quarantined(messageId: string) {
  const { rows } = await pool.query<{ reason: string; data: Buffer; size_bytes: number }>(
    'SELECT reason, data, size_bytes FROM quarantined_messages WHERE message_id = $1',
    [messageId],
  )
  return rows
}

const { signal: notStopping } = new AbortController()

describe('a message that names no task', () => {
  it('is acknowledged and kept with its reason, once for all its deliveries', async () => {
    const { handler, asked } = handlerFor([completed])
    const message = received('{"task_id": 1}', { source: 'test\0' })
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(await quarantined(message.id)).toMatchObject([
      { reason: 'task_id: expected a UUID', size_bytes: 14 },
    ])
    expect(asked).toHaveLength(0)
  })

  it('is kept only as far as an operator needs it', async () => {
    const { handler } = handlerFor([completed])
    const message = received(Buffer.alloc(3_000_000, 'x'))
    expect(await handler.handle(message, notStopping)).toBe('ack')
    const [kept] = await quarantined(message.id)
    expect(kept).toMatchObject({ size_bytes: 3_000_000 })
    expect(kept!.data).toHaveLength(65_536)
  })
})

describe('a message whose task is not there yet', () => {
  it('waits until the row appears', async () => {
    const { handler, asked } = handlerFor([missing, missing, completed])
    const message = received(valid)
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(asked).toHaveLength(3)
    expect(await quarantined(message.id)).toEqual([])
  })

  it('is quarantined when it never does', async () => {
    const { handler, asked } = handlerFor([missing], 20)
    const message = received(valid)
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(asked.length).toBeGreaterThan(1)
    expect(await quarantined(message.id)).toMatchObject([
      { reason: expect.stringMatching(/^task_id: expected/) },
    ])
  })

  it('goes back to the broker when the worker stops', async () => {
    const { handler } = handlerFor([missing], 60_000)
    const stopping = new AbortController()
    const handled = handler.handle(received(valid), stopping.signal)
    stopping.abort(new Error('the worker stops'))
    expect(await handled).toBe('nack')
  })
})

describe('a message', () => {
  const failure = new Failure('server', 'down')
  it.each<[Outcome, 'ack' | 'nack']>([
    [completed, 'ack'],
    [{ kind: 'failed', failure }, 'ack'],
    [{ kind: 'retry', failure, afterMs: 1 }, 'ack'],
    [{ kind: 'lost' }, 'ack'],
    [{ kind: 'skipped', reason: 'held' }, 'ack'],
    [{ kind: 'skipped', reason: 'not_owner' }, 'ack'],
    [{ kind: 'interrupted' }, 'nack'],
    [{ kind: 'unrecorded', failure }, 'nack'],
  ])('with the outcome %j is settled as %s', (outcome, settlement) => {
    expect(settlementFor(outcome)).toBe(settlement)
  })
})
