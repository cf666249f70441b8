import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { startPubSubServer, type PubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { Quarantine } from '../../../src/main/intake/quarantine.ts'
import { runCommand } from '../../setup/command-line.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let server: PubSubServer
let pool: Pool
let env: Record<string, string>

beforeAll(async () => {
  const [{ url }, started] = await Promise.all([createTestDatabase(), startPubSubServer({})])
  server = started
  pool = createDatabasePool(url, () => undefined)
  env = { DATABASE_URL: url, PUBSUB_EMULATOR_HOST: server.address }
  const quarantine = new Quarantine(pool)
  for (const [id, size] of [
    ['small', 20],
    ['large', 70_000],
  ] as const) {
    const data = Buffer.alloc(size, 'x')
    await quarantine.keep({ id, data, attributes: {}, publishedAt: new Date() }, 'expected JSON')
  }
})

afterAll(async () => {
  await pool.end()
  await server.stop()
})

const quarantine = (...args: string[]) => runCommand(['quarantine', ...args], { env })

describe('the quarantine on the command line', () => {
  it('is listed, replayed as far as it was kept, and listed as replayed', async () => {
    const replayed = await quarantine('replay', '--all')
    expect(replayed).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^replayed 1 as message \S+\n$/) as unknown,
      stderr: 'concept-worker: message 2 was not replayed: only 65536 of its 70000 bytes were kept\n',
    })
    const { code, stdout } = await quarantine('list', '--json', '--limit', '5')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([
      { id: '2', messageId: 'large', keptBytes: 65_536, replayedAt: null },
      { id: '1', messageId: 'small', reason: 'expected JSON', replayedAt: expect.any(String) as unknown },
    ])
  })

  it('is rid for good of messages that are discarded, and says which it does not have', async () => {
    const archive = new Quarantine(pool)
    for (const id of ['kept', 'useless', 'worthless']) {
      const message = { id, data: Buffer.from(id), attributes: {}, publishedAt: new Date() }
      await archive.keep(message, 'expected JSON')
    }
    const ids = async () => {
      const { rows } = await pool.query<{ id: string; message_id: string }>(
        'SELECT id, message_id FROM quarantined_messages ORDER BY id',
      )
      return rows
    }
    const before = await ids()
    const idOf = (messageId: string) => before.find((row) => row.message_id === messageId)!.id
    const ended = await quarantine('discard', idOf('useless'), '99999', idOf('worthless'))
    expect(ended).toEqual({
      code: 1,
      stdout: 'discarded 2 messages\n',
      stderr: 'concept-worker: there is no message 99999 in quarantine\n',
    })
    expect(await ids()).toEqual(before.filter(({ message_id: id }) => !id.endsWith('less')))
    expect(await quarantine('discard', idOf('kept'))).toEqual({
      code: 0,
      stdout: 'discarded 1 message\n',
      stderr: '',
    })
    expect(await quarantine('discard', idOf('kept'))).toEqual({
      code: 1,
      stdout: '',
      stderr: `concept-worker: there is no message ${idOf('kept')} in quarantine\n`,
    })
  })

  it('shows one message, and says when there is none', async () => {
    const [shown, missing] = await Promise.all([quarantine('show', '1'), quarantine('show', '99')])
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/^message +small$/m)
    expect(missing).toMatchObject({
      code: 1,
      stderr: 'concept-worker: there is no message 99 in quarantine\n',
    })
  })
})
