import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { MessageHandler } from '../../../src/main/intake/message-handler.ts'
import { ParkedMessages } from '../../../src/main/intake/parked-messages.ts'
import { Parking } from '../../../src/main/intake/parking.ts'
import { Quarantine } from '../../../src/main/intake/quarantine.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'
import type { TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const TASK_ID = '6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11'
const valid = JSON.stringify({ task_id: TASK_ID, user_id: 'u', task_type: 'concept_generation' })
const completed: Outcome = { kind: 'completed', resultId: 'r' }
const missing: Outcome = { kind: 'skipped', reason: 'missing' }

let pool: Pool
let nextId = 0
const parkings: Parking[] = []

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

afterAll(async () => {
  await Promise.all(parkings.map((parking) => parking.stop()))
  await pool.end()
})

function received(data: string | Uint8Array, attributes = {}) {
  return { id: `message-${nextId++}`, data: Buffer.from(data), attributes, publishedAt: new Date() }
}

function handlerFor(outcome: Outcome) {
  const asked: TaskReference[] = []
  const run = (reference: TaskReference) => {
    asked.push(reference)
    return Promise.resolve(outcome)
  }
  const { log } = recordedLog()
  const quarantine = new Quarantine(pool)
  const times = { patienceMs: 60_000, firstLookMs: 60_000, maxLookMs: 60_000, runMs: 60_000 }
  const parking = new Parking(new ParkedMessages(pool, times), quarantine, { freeSlots: 0, run }, 60_000, log)
  parkings.push(parking)
  const outage = { passed: () => Promise.resolve(false) }
  return { handler: new MessageHandler(run, quarantine, parking, outage, log), asked }
}

async function parked(messageId: string) {
  const { rows } = await pool.query<{ task_id: string; data: Buffer }>(
    'SELECT task_id, data FROM parked_messages WHERE message_id = $1',
    [messageId],
  )
  return rows
}

async function quarantined(messageId: string) {
  const { rows } = await pool.query<{ reason: string; data: Buffer; size_bytes: number }>(
    'SELECT reason, data, size_bytes FROM quarantined_messages WHERE message_id = $1',
    [messageId],
  )
  return rows
}

const { signal: notStopping } = new AbortController()

describe('hostile messages: a message that names no task', () => {
  it('is acknowledged and kept with its reason, once for all its deliveries', async () => {
    const { handler, asked } = handlerFor(completed)
    const message = received('{"task_id": 1}', { source: 'test\0' })
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(await quarantined(message.id)).toMatchObject([
      { reason: 'task_id: expected a UUID', size_bytes: 14 },
    ])
    expect(asked).toHaveLength(0)
  })

  it('is not taken for one of an emulator that began with its ids anew', async () => {
    const { handler } = handlerFor(completed)
    const message = received('{"task_id": 1}')
    await handler.handle(message, notStopping)
    const later = { ...message, publishedAt: new Date(message.publishedAt.getTime() + 1) }
    await handler.handle({ ...later, data: Buffer.from('{"task_id": 2}') }, notStopping)
    expect((await quarantined(message.id)).map(({ data }) => data.toString()).toSorted()).toEqual([
      '{"task_id": 1}',
      '{"task_id": 2}',
    ])
  })

  it('is kept only as far as an operator needs it', async () => {
    const { handler } = handlerFor(completed)
    const message = received(Buffer.alloc(3_000_000, 'x'))
    expect(await handler.handle(message, notStopping)).toBe('ack')
    const [kept] = await quarantined(message.id)
    expect(kept).toMatchObject({ size_bytes: 3_000_000 })
    expect(kept!.data).toHaveLength(65_536)
  })
})

describe('hostile messages: a message that names another type than the row of its task', () => {
  it('is acknowledged and kept with its reason', async () => {
    const { handler } = handlerFor({ kind: 'skipped', reason: 'wrong_type' })
    const message = received(valid)
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(await quarantined(message.id)).toMatchObject([
      { reason: "task_type: expected the type that the task's row has" },
    ])
  })
})

describe('hostile messages: a message whose task is not there yet', () => {
  it('is acknowledged at once and kept whole, once for all its deliveries', async () => {
    const { handler, asked } = handlerFor(missing)
    const message = received(valid)
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(await handler.handle(message, notStopping)).toBe('ack')
    expect(await parked(message.id)).toEqual([{ task_id: TASK_ID, data: Buffer.from(valid) }])
    expect(await quarantined(message.id)).toEqual([])
    expect(asked).toHaveLength(2)
  })

  it('goes back to the broker when it cannot be kept and the worker stops', async () => {
    const { handler } = handlerFor(missing)
    await pool.query('ALTER TABLE parked_messages RENAME TO elsewhere')
    expect(await handler.handle(received(valid), AbortSignal.abort())).toBe('nack')
    await pool.query('ALTER TABLE elsewhere RENAME TO parked_messages')
  })
})
