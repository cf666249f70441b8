import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { QuarantineArchive } from '../../../src/main/intake/quarantine-archive.ts'
import { replay, type Replay } from '../../../src/main/intake/quarantine-replay.ts'
import { Quarantine, type ReceivedMessage } from '../../../src/main/intake/quarantine.ts'
import { createTestDatabase } from '../../setup/test-database.ts'
import { Brokers, TOPIC, OPTIONS, WAIT } from './tested-subscriber.ts'

const brokers = new Brokers()
let pool: Pool
let archive: QuarantineArchive
let nextId = 0

beforeAll(async () => {
  pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
  archive = new QuarantineArchive(pool)
})

afterAll(async () => {
  await brokers.stop()
  await pool.end()
})

/** Puts a message into quarantine, and answers the id of its row. */
async function quarantine(data: Uint8Array, attributes: ReceivedMessage['attributes'] = {}): Promise<string> {
  const message = { id: `${nextId++}`, data, attributes, publishedAt: new Date() }
  await new Quarantine(pool).keep(message, 'expected JSON')
  const [newest] = await archive.list(1)
  return newest!.id
}

async function replayAll(ids: readonly string[]) {
  const server = await brokers.startServer()
  const pubsub = await brokers.connect(server.address)
  const ends: Replay[] = []
  for await (const end of replay(archive, pubsub.topic(TOPIC), ids)) ends.push(end)
  return { ends, pubsub }
}

describe('a quarantined message', () => {
  it('is published anew as it was received, byte for byte, and stays, marked with the time', async () => {
    const data = Buffer.from([0, 255, 0x7b, 10, 128])
    const id = await quarantine(data, { source: 'api', trace: 'ä' })
    const { ends, pubsub } = await replayAll([id])
    expect(ends).toEqual([{ ok: true, id, messageId: expect.any(String) as string }])
    const subscription = pubsub.subscription(OPTIONS.subscription)
    const arrived: { data: Buffer; attributes: object }[] = []
    subscription.on('message', (message) => {
      arrived.push({ data: message.data, attributes: message.attributes })
      message.ack()
    })
    await expect.poll(() => arrived, WAIT).toEqual([{ data, attributes: { source: 'api', trace: 'ä' } }])
    await subscription.close()
    expect((await archive.find(id))!.replayedAt).toBeInstanceOf(Date)
    expect(await archive.unreplayed()).not.toContain(id)
  })

  it('of which only the beginning was kept is refused, as is one that is not there; others are not', async () => {
    const large = await quarantine(Buffer.alloc(70_000, 'x'))
    const small = await quarantine(Buffer.from('small'))
    expect(await archive.unreplayed()).toEqual([large, small])
    const { ends } = await replayAll([large, '999999', small])
    expect(ends).toEqual([
      { ok: false, id: large, reason: 'only 65536 of its 70000 bytes were kept' },
      { ok: false, id: '999999', reason: 'there is no such message in quarantine' },
      { ok: true, id: small, messageId: expect.any(String) as string },
    ])
    expect(await archive.unreplayed()).toEqual([large])
  })
})
