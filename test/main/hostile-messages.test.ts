import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { anyMessage } from '../setup/any-message.ts'
import { BOUNDS, watchResources, type ResourceWatch } from '../setup/resource-watch.ts'
import { startEmbeddedModels, startTestWorker, type RunningWorker } from '../setup/running-worker.ts'

const GENERATION = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 1 }
const MIB = 1024 * 1024

let models: Awaited<ReturnType<typeof startEmbeddedModels>>
let worker: RunningWorker
const healthy: string[] = []
let watch: ResourceWatch

beforeAll(async () => {
  models = await startEmbeddedModels()
  worker = await startTestWorker(models.url, { IMAGE_PARAMETERS: '{"width":256,"height":256}' })
  watch = watchResources()
})

afterAll(async () => {
  watch.stop()
  await worker.stop()
  await models.stop()
})

async function runBeside(): Promise<void> {
  healthy.push(await worker.submit('concept_generation', GENERATION))
}

/** Why the message was set aside, once it has been; null while it has not. */
async function quarantineReason(messageId: string): Promise<string | null> {
  const { rows } = await worker.pool.query<{ reason: string }>(
    'SELECT reason FROM quarantined_messages WHERE message_id = $1',
    [messageId],
  )
  expect(rows.length).toBeLessThan(2)
  return rows[0]?.reason ?? null
}

/** Another one every time; a failure shows it. */
const SEED = Date.now()

/** Waits until the worker has said that it left this task alone. */
async function skipped(taskId: string, reason: string): Promise<void> {
  const says = (line: string) =>
    line.includes(taskId) && line.includes('task skipped') && line.includes(reason)
  await vi.waitFor(() => expect(worker.logLines.some(says)).toBe(true), 60_000)
}

describe('hostile messages', () => {
  beforeAll(runBeside)

  const ids = { task_id: randomUUID(), user_id: 'user-1', task_type: 'concept_generation' }
  const valid = JSON.stringify({ ...ids, ...GENERATION })
  const deep = '['.repeat(1_000_000)

  it.concurrent.each<[string, string | Buffer, string]>([
    ['is empty but for a space', ' ', 'expected JSON in UTF-8'],
    ['is broken base64', `${Buffer.from(valid).toString('base64').slice(1)}==`, 'expected JSON in UTF-8'],
    ['is no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'expected JSON in UTF-8'],
    ['is half a message', valid.slice(0, -9), 'expected JSON in UTF-8'],
    ['begins with a byte order mark', `\ufeff${valid}`, 'expected JSON in UTF-8'],
    ['is null', 'null', 'expected a JSON object'],
    ['is a list', `[${valid}]`, 'expected a JSON object'],
    ['is a million levels deep', deep, 'levels deep'],
    ['is a million levels deep in a field', `{"a":${deep}`, 'levels deep'],
    ['has 3 MB', JSON.stringify({ ...ids, padding: 'x'.repeat(3_000_000) }), 'bytes'],
    ['lacks task_id', JSON.stringify({ ...ids, task_id: undefined }), 'task_id'],
    [
      'has a task_id that is no UUID',
      JSON.stringify({ ...ids, task_id: "'; DROP TABLE tasks; --" }),
      'task_id',
    ],
    ['lacks user_id', JSON.stringify({ ...ids, user_id: undefined }), 'user_id'],
  ])('one that %s goes to quarantine', async (_, data, reason) => {
    const messageId = await worker.publish(data)
    await vi.waitFor(async () => expect(await quarantineReason(messageId)).toContain(reason), 60_000)
  })

  it.concurrent.each<[string, string, object, string]>([
    ['of an unknown type', 'concept_dance', {}, 'unknown_task_type'],
    ['of a type in Object.prototype', 'constructor', {}, 'unknown_task_type'],
    ...['abc', 0, 1e9, 1.5, -1, [7], '7'].map((count): [string, string, object, string] => [
      `for ${JSON.stringify(count)} palettes`,
      'concept_generation',
      { num_palettes: count },
      'num_palettes: expected',
    ]),
    ['with "false" for false', 'concept_generation', { is_anonymous: 'false' }, 'is_anonymous: expected'],
    ['with an empty prompt', 'concept_generation', { logo_description: ' \n' }, 'logo_description: expected'],
    ['with a prompt of 1 MB', 'concept_generation', { logo_description: 'x'.repeat(MIB) }, 'at most 4000'],
    ['with NUL in its text', 'concept_generation', { theme_description: 'a\0b' }, 'without NUL'],
  ])('one %s fails its task, and says why', async (_, type, fields, why) => {
    const task = await worker.ended(await worker.submit(type, { ...GENERATION, ...fields }))
    expect(task).toMatchObject({ status: 'failed', attempt: 1, concept: null })
    expect(`${task.errorCode} ${task.errorMessage}`).toContain(why)
  })

  it.concurrent.each([
    ['SQL', "'); DROP TABLE tasks; --", "'); DROP TABLE tasks; --"],
    ['a lone surrogate', 'a \ud800 fox', 'a \ufffd fox'],
    ['markup', '<script>alert(1)</script>', '<script>alert(1)</script>'],
  ])('text with %s is stored as text', async (_, text, stored) => {
    const task = await worker.ended(
      await worker.submit('concept_generation', { ...GENERATION, theme_description: text }),
    )
    expect(task).toMatchObject({ status: 'completed', concept: { themeDescription: stored } })
  })

  it.concurrent('keys that mean something to JavaScript, or come twice, mean nothing more here', async () => {
    const taskId = randomUUID()
    await worker.pool.query(`INSERT INTO tasks (id, user_id, type) VALUES ($1, 'user-1', $2)`, [
      taskId,
      ids.task_type,
    ])
    const twice = `"num_palettes": 9, "__proto__": {"num_palettes": 15, "polluted": 1}, "constructor": {"prototype": 1}`
    await worker.publish(`{${twice}, ${JSON.stringify({ ...ids, task_id: taskId, ...GENERATION }).slice(1)}`)
    const task = await worker.ended(taskId)
    expect(task.status).toBe('completed')
    expect(task.concept!.variations).toHaveLength(1)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.concurrent("another user's task stays as it is", async () => {
    const taskId = randomUUID()
    await worker.pool.query(`INSERT INTO tasks (id, user_id, type) VALUES ($1, 'owner', $2)`, [
      taskId,
      ids.task_type,
    ])
    for (const fields of [GENERATION, { ...GENERATION, num_palettes: 'abc' }])
      await worker.publish(JSON.stringify({ ...ids, task_id: taskId, user_id: 'thief', ...fields }))
    await skipped(taskId, '')
    const { rows } = await worker.pool.query('SELECT status, attempt FROM tasks WHERE id = $1', [taskId])
    expect(rows).toEqual([{ status: 'pending', attempt: 0 }])
  })

  it.concurrent(
    'one that comes again, while its task runs and when it is done, changes nothing',
    async () => {
      const taskId = await worker.submit('concept_generation', GENERATION)
      const again = () => worker.publish(JSON.stringify({ ...ids, task_id: taskId, ...GENERATION }))
      await Promise.all([again(), again()])
      const { resultId } = await worker.ended(taskId)
      await again()
      await skipped(taskId, 'ended')
      expect(await worker.ended(taskId)).toMatchObject({ status: 'completed', attempt: 1, resultId })
      const { rows } = await worker.pool.query('SELECT id FROM concepts WHERE task_id = $1', [taskId])
      expect(rows).toEqual([{ id: resultId }])
    },
  )
})

describe('hostile messages by the hundred, of every kind', () => {
  beforeAll(runBeside)

  it('each have an outcome, and so has every task that one is about', async () => {
    const made = fc.sample(anyMessage, { numRuns: 300, seed: SEED })
    const taskIds = made.map(() => randomUUID())
    await worker.pool.query(
      `INSERT INTO tasks (id, user_id, type) SELECT id, 'user-1', 'concept_generation' FROM unnest($1::uuid[]) AS id`,
      [taskIds],
    )
    const messageIds = await Promise.all(
      made.map((make, i) => worker.publish(make({ taskId: taskIds[i]!, userId: 'user-1' }))),
    )
    await vi.waitFor(async () => expect(await withoutOutcome(taskIds, messageIds)).toEqual([]), {
      timeout: 100_000,
      interval: 250,
    })
  })

  /** Tasks that have not ended, other than those that nothing was changed of and the worker has said why. */
  async function withoutOutcome(taskIds: string[], messageIds: string[]): Promise<object[]> {
    const { rows } = await worker.pool.query<{ id: string; status: string; seed: number }>(
      `SELECT sent.task_id AS id, status, $3::float8 AS seed
       FROM unnest($1::uuid[], $2::text[]) AS sent (task_id, message_id) JOIN tasks ON tasks.id = sent.task_id
       WHERE status NOT IN ('completed', 'failed')
         AND NOT (status = 'pending' AND (message_id IN (SELECT message_id FROM quarantined_messages)
                                          OR message_id IN (SELECT message_id FROM parked_messages)))`,
      [taskIds, messageIds, SEED],
    )
    const skips = worker.logLines.filter((line) => line.includes('task skipped')).join('')
    return rows.filter(({ id, status }) => status !== 'pending' || !skips.includes(id))
  }
})

describe('beside hostile messages', () => {
  it('the healthy tasks completed, and memory and event loop stayed within bounds', async () => {
    await runBeside()
    const tasks = await Promise.all(healthy.map((id) => worker.ended(id)))
    expect(tasks.map(({ status, attempt }) => [status, attempt])).toEqual(tasks.map(() => ['completed', 1]))
    const { rssGrowthMib, loopDelayMs } = watch.seen()
    expect(rssGrowthMib).toBeLessThan(BOUNDS.rssGrowthMib)
    expect(loopDelayMs).toBeLessThan(BOUNDS.loopDelayMs)
  })
})
