import type { Pool } from 'pg'
import { afterAll, afterEach, beforeEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { CircuitBreaker } from '../../../src/main/availability/circuit-breaker.ts'
import { Dependencies } from '../../../src/main/availability/held-tasks.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { Reaper } from '../../../src/main/tasks/reaper.ts'
import { TaskStore, type DueTask } from '../../../src/main/tasks/task-store.ts'
import { GENERATION, REFINEMENT, type ClaimedTask, type TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const NOTHING_NEEDED = new Dependencies([])
const OPTIONS = { periodMs: 50, graceMs: 60_000, maxBeyond: 2 }
let pool: Pool
let keepers: LeaseKeeper[]
let reapers: Reaper[]

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

beforeEach(() => {
  keepers = []
  reapers = []
})

afterEach(async () => {
  await Promise.all(reapers.map((reaper) => reaper.stop()))
  await Promise.all(keepers.map((keeper) => keeper.stop()))
  await pool.query('DELETE FROM tasks')
})

afterAll(() => pool.end())

/** A task that was claimed once, in the state that the SQL assignments put it in. */
async function startedTask(assignments: string, taskType = GENERATION as string): Promise<TaskReference> {
  const reference = await insertTask(pool, { taskType })
  const request = JSON.stringify({ task_type: reference.taskType, ...reference.fields })
  await pool.query(`UPDATE tasks SET request = $2, ${assignments} WHERE id = $1`, [reference.taskId, request])
  return reference
}

function store(workerId = 'w'): TaskStore {
  const keeper = new LeaseKeeper(pool, 60_000, recordedLog().log)
  keepers.push(keeper)
  return new TaskStore(pool, keeper, { workerId, leaseMs: 60_000, maxAttempts: 5 })
}

/** A reaper of a worker of its own, and what it has found. */
function startReaper(
  freeSlots: () => number,
  run: () => Promise<unknown> = async () => undefined,
  needed = NOTHING_NEEDED,
) {
  const found: DueTask[] = []
  const runner = {
    get freeSlots() {
      return freeSlots()
    },
    inHand: [],
    run: (reference: TaskReference, task: ClaimedTask) => {
      found.push({ reference, task })
      return run()
    },
  }
  const reaper = new Reaper(store(), runner, needed, OPTIONS, recordedLog().log)
  reapers.push(reaper)
  reaper.start()
  reaper.start()
  return found
}

const search = (limit: number, except: readonly string[] = []) => ({
  limit,
  overdueMs: 0,
  graceMs: OPTIONS.graceMs,
  except,
  exceptTypes: [],
})

const DUE = `run_at = now() - interval '1 second'`
const ids = (due: readonly DueTask[]) => due.map(({ reference }) => reference.taskId).toSorted()

describe('the reaper', () => {
  it('claims nothing more once it is told to stop, though it has begun to look', async () => {
    await Promise.all([startedTask(DUE), startedTask(DUE)])
    const tasks = store()
    const found: DueTask[] = []
    let stopped = Promise.resolve()
    const claimDue: TaskStore['claimDue'] = async (search) => {
      const claimed = await tasks.claimDue(search)
      stopped = reaper.stop()
      begin()
      return claimed
    }
    let begin = () => {}
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const run = async (reference: TaskReference, task: ClaimedTask) => void found.push({ reference, task })
    const runner = { freeSlots: 1, inHand: [], run }
    const due = { claimDue, takeBack: tasks.takeBack.bind(tasks) }
    const reaper = new Reaper(due, runner, NOTHING_NEEDED, OPTIONS, recordedLog().log)
    reaper.start()
    await begun
    await stopped
    expect(found).toHaveLength(1)
  })

  it('claims tasks whose retry is due and tasks whose worker died, and no others', async () => {
    const due = await startedTask(`attempt = 1, ${DUE}`)
    const orphan = await startedTask(
      `status = 'processing', attempt = 2, claim_epoch = 7, claimed_by = 'dead', claimed_at = now(),
       lease_expires_at = now() - interval '1 second'`,
    )
    await startedTask(`run_at = now() + interval '1 hour'`)
    await startedTask(`status = 'processing', lease_expires_at = now() + interval '1 hour'`)
    await startedTask(`status = 'completed'`)
    await startedTask(`status = 'cancelled'`)
    await insertTask(pool)

    const found = startReaper(() => 10)
    await expect.poll(() => found.length).toBeGreaterThanOrEqual(2)
    expect(found.map(({ reference }) => reference)).toEqual(expect.arrayContaining([due, orphan]))
    expect(found).toHaveLength(2)
    expect(found.find(({ reference }) => reference.taskId === orphan.taskId)?.task).toMatchObject({
      attempt: 3,
      epoch: '8',
    })
    const { attempt_history: history } = await taskRow(pool, orphan.taskId)
    expect(history).toMatchObject([{ attempt: 2, worker: 'dead', outcome: 'abandoned' }])
  })

  it('keeps what has been due for long waiting neither for a free slot nor for the next look', async () => {
    await Promise.all(Array.from({ length: 5 }, () => startedTask(DUE)))
    const ends: (() => void)[] = []
    const found = startReaper(
      () => (ends.length === 0 ? 1 : 0),
      () => new Promise<void>((end) => ends.push(end)),
    )
    // One for the slot, and as many beyond it as may wait in line.
    await expect.poll(() => found.length).toBe(1 + OPTIONS.maxBeyond)
    ends[1]!()
    await expect.poll(() => found.length).toBe(2 + OPTIONS.maxBeyond)
    while (found.length < 5 || ends.length < 5) {
      for (const end of ends) end()
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const end of ends) end()
  })

  it('of several workers claims each task once, and what one has locked does not keep the others', async () => {
    const tasks = await Promise.all(Array.from({ length: 40 }, () => startedTask(DUE)))
    const workers = Array.from({ length: 4 }, (_, i) => store(`w${i}`))
    const found = (
      await Promise.all(
        Array.from({ length: 12 }, (_, i) => workers[i % workers.length]!.claimDue(search(5))),
      )
    ).flat()
    const rest = await workers[0]!.claimDue(search(100))
    expect(ids([...found, ...rest])).toEqual(tasks.map(({ taskId }) => taskId).toSorted())
    expect(new Set(found.map(({ task }) => task.epoch))).toEqual(new Set(['1']))
  })

  it('runs a task whose message never came from its metadata, where that holds the request', async () => {
    const fields = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 3 }
    const insert = async (type: string, metadata: unknown, age: string) => {
      const { taskId } = await insertTask(pool, { rowType: type })
      await pool.query(`UPDATE tasks SET metadata = $2, run_at = now() - $3::interval WHERE id = $1`, [
        taskId,
        JSON.stringify(metadata),
        age,
      ])
      return taskId
    }
    const lost = await insert('concept_generation', { ...fields, source: 'web' }, '2 minutes')
    await insert('concept_generation', fields, '10 seconds')
    await insert('concept_refinement', fields, '2 minutes')
    await insert('concept_generation', {}, '2 minutes')
    await insert('concept_generation', ['logo_description', 'theme_description'], '2 minutes')

    const [due, ...others] = await store().claimDue(search(10))
    expect(others).toEqual([])
    expect(due?.reference).toEqual({
      taskId: lost,
      userId: 'user-1',
      taskType: 'concept_generation',
      fields,
    })
    // Another attempt finds it like any other.
    await pool.query(`UPDATE tasks SET lease_expires_at = now() - interval '1 second' WHERE id = $1`, [lost])
    expect(await store().claimDue(search(10))).toMatchObject([{ reference: { fields } }])
  })

  it('leaves to this worker what it still has in hand', async () => {
    const [mine, other] = [await startedTask(DUE), await startedTask(DUE)]
    expect(ids(await store().claimDue(search(5, [mine.taskId])))).toEqual([other.taskId])
  })

  it('takes no more than there are slots', async () => {
    await Promise.all(Array.from({ length: 5 }, () => startedTask(DUE)))
    expect(await store().claimDue(search(3))).toHaveLength(3)
  })

  it('does not let due tasks wait for the end of a backlog that takes every slot', async () => {
    await Promise.all(Array.from({ length: 5 }, () => startedTask(DUE)))
    let end = () => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    const found = startReaper(
      () => 0,
      () => ended,
    )
    await expect.poll(() => found.length).toBe(OPTIONS.maxBeyond)
    end()
    await expect.poll(() => found.length).toBe(5)
  })
})

describe('the reaper, while something is down that tasks of one type need,', () => {
  const OPENS = { threshold: 1, firstOpenMs: 600_000, maxOpenMs: 600_000, maxRetryAfterMs: 0 }
  const { signal } = new AbortController()

  /** What generations need, down since now, and the breaker of that. */
  async function downForGenerations() {
    const breaker = new CircuitBreaker(OPENS, () => undefined)
    onTestFinished(() => breaker.stop())
    ;(await breaker.enter(signal))({ kind: 'failed' })
    const needed = new Dependencies([{ breakersFor: (type) => (type === GENERATION ? [breaker] : []) }])
    return { breaker, needed }
  }

  /** The same once its pause is over. */
  async function toBeTried() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const down = await downForGenerations()
    vi.runOnlyPendingTimers()
    vi.useRealTimers()
    expect(down.breaker.state).toBe('half-open')
    return down
  }

  it('claims those of the other types, whatever they are due for', async () => {
    const { needed } = await downForGenerations()
    const EXPIRED = `status = 'processing', lease_expires_at = now() - interval '1 second'`
    const fields = {
      logo_description: 'a',
      theme_description: 'b',
      refinement_prompt: 'c',
      original_image_url: 'd',
    }
    const unannounced = async (taskType: string) => {
      const task = await insertTask(pool, { taskType })
      await pool.query(
        `UPDATE tasks SET metadata = $2, run_at = now() - interval '2 minutes' WHERE id = $1`,
        [task.taskId, JSON.stringify(fields)],
      )
      return task
    }
    const ofType = (type: string) =>
      Promise.all([startedTask(DUE, type), startedTask(EXPIRED, type), unannounced(type)])
    const kept = await ofType(GENERATION)
    const wanted = await ofType(REFINEMENT)
    const found = startReaper(() => 10, undefined, needed)
    await expect.poll(() => found.length).toBe(3)
    expect(ids(found)).toEqual(wanted.map(({ taskId }) => taskId).toSorted())
    const rows = await Promise.all(kept.map(({ taskId }) => taskRow(pool, taskId)))
    expect(rows.map(({ claim_epoch: epoch }) => epoch)).toEqual(['0', '0', '0'])
  })

  it('does not read through those that wait for it to find the others', async () => {
    await pool.query(
      `INSERT INTO tasks (id, user_id, type, metadata, run_at)
       SELECT gen_random_uuid(), 'user-1', $1, '{"logo_description":"a","theme_description":"b"}',
              now() - interval '2 minutes' FROM generate_series(1, 2000)`,
      [GENERATION],
    )
    await pool.query('ANALYZE tasks')
    const tasks = store()
    const before = await tasksRead()
    expect(await tasks.claimDue({ ...search(5), exceptTypes: [GENERATION] })).toEqual([])
    expect((await tasksRead()) - before).toBeLessThan(20)
  })

  it('claims one of that type to find out how things stand, and all once that is known', async () => {
    const { breaker, needed } = await toBeTried()
    await Promise.all(Array.from({ length: 5 }, () => startedTask(DUE)))
    const endings: (() => void)[] = []
    const run = () => new Promise<void>((end) => endings.push(end))
    const found = startReaper(() => 10, run, needed)
    await expect.poll(() => found.length).toBe(1)
    const probe = await breaker.enter(signal)
    // Later looks find the refinement, and nothing else.
    const other = await startedTask(DUE, REFINEMENT)
    await expect.poll(() => found.length).toBe(2)
    expect(found[1]!.reference.taskId).toBe(other.taskId)
    probe({ kind: 'answered' })
    await expect.poll(() => found.length).toBe(6)
    for (const end of endings) end()
  })

  it('tries another one where the first has ended without a call', async () => {
    const { needed } = await toBeTried()
    await Promise.all([startedTask(DUE), startedTask(DUE)])
    const found = startReaper(() => 10, undefined, needed)
    await expect.poll(() => found.length).toBe(2)
  })
})

/** How many rows of `tasks` this database has read so far. */
async function tasksRead(): Promise<number> {
  // Each connection tells what it read when it is asked to.
  const clients = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()))
  for (const client of clients) await client.query('SELECT pg_stat_force_next_flush()')
  for (const client of clients) client.release()
  const { rows } = await pool.query<{ read: number }>(
    `SELECT (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS read
     FROM pg_stat_user_tables WHERE relname = 'tasks'`,
  )
  return rows[0]!.read
}
