import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConceptStore } from '../../../src/main/concepts/concept-store.ts'
import { createDatabasePool, inTransaction } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { FinishedConcept } from '../../../src/processors/services.ts'
import type { StageTiming } from '../../../src/processors/stage-clock.ts'
import type { ClaimedTask, TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const LEASE_MS = 60_000
const COUNT = 240
let pool: Pool
let databaseUrl: string
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url
  pool = createDatabasePool(databaseUrl, () => undefined)
  stops.push(() => pool.end())
})

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

/** The stores of one worker, with connections of their own. */
function worker(workerId: string) {
  const own = createDatabasePool(databaseUrl, () => undefined)
  const leases = new LeaseKeeper(own, LEASE_MS, recordedLog().log)
  stops.push(
    () => own.end(),
    () => leases.stop(),
  )
  return {
    tasks: new TaskStore(own, leases, { workerId, leaseMs: LEASE_MS, maxAttempts: 5 }),
    concepts: new ConceptStore(own, leases, LEASE_MS),
  }
}

async function claimed(tasks: TaskStore, reference: TaskReference): Promise<ClaimedTask> {
  const result = await tasks.claim(reference)
  if (result.kind !== 'claimed') throw new Error(`not claimed: ${result.reason}`)
  return result.task
}

const insertTasks = (count: number) => Promise.all(Array.from({ length: count }, () => insertTask(pool)))

function conceptOf({ id }: ClaimedTask, logoDescription = 'a fox'): FinishedConcept {
  const stored = { path: `${id}/base.png`, url: `file:///${id}/base.png` }
  return {
    logoDescription,
    themeDescription: 'autumn',
    isAnonymous: false,
    stored,
    swatches: [],
    variations: [
      {
        palette: {
          name: `of ${id}`,
          description: '',
          colors: ['#000001', '#000002', '#000003', '#000004', '#000005'],
          derived: false,
        },
        stored,
      },
    ],
    refinement: null,
  }
}

const timing: StageTiming = {
  stage: 'store_concept',
  step: null,
  item: null,
  startedAt: new Date(),
  waitMs: 1,
  runMs: 2,
  outcome: 'ok',
  errorCode: null,
}

/** For every task: its state, and how many concepts, variations and timings it has. */
async function results(references: readonly TaskReference[]) {
  const { rows } = await pool.query<{ id: string; status: string; whole: boolean }>(
    `SELECT id, status,
            (SELECT count(*) FROM concepts c WHERE c.task_id = tasks.id AND c.id = result_id) = 1
            AND (SELECT count(*) FROM color_variations v WHERE v.concept_id = result_id
                 AND v.palette_name = 'of ' || tasks.id) = 1
            AND (SELECT count(*) FROM stage_timings s WHERE s.task_id = tasks.id) = 1 AS whole
     FROM tasks WHERE id = ANY ($1)`,
    [references.map(({ taskId }) => taskId)],
  )
  return rows
}

describe('hundreds of tasks at once', () => {
  it('are each claimed by one worker and completed once, with their own concept', async () => {
    const references = await insertTasks(COUNT)
    const workers = ['w1', 'w2', 'w3'].map(worker)
    const completed = await Promise.all(
      workers.flatMap(({ tasks, concepts }, turn) =>
        // Each worker goes through them in another order.
        references
          .toSpliced(0, turn * 80)
          .concat(references.slice(0, turn * 80))
          .map(async (reference) => {
            const claim = await tasks.claim(reference)
            if (claim.kind !== 'claimed') return claim.reason
            const id = await concepts.complete(claim.task, conceptOf(claim.task), () => [timing])
            return id === null ? 'lost' : 'completed'
          }),
      ),
    )
    expect(completed.filter((outcome) => outcome === 'completed')).toHaveLength(COUNT)
    expect(completed).not.toContain('lost')
    const rows = await results(references)
    expect(rows.filter(({ status, whole }) => status === 'completed' && whole)).toHaveLength(COUNT)
  })

  it('end as they each should, whatever the others do', async () => {
    const { tasks, concepts } = worker('w')
    const references = await insertTasks(60)
    const claims = await Promise.all(references.map((reference) => claimed(tasks, reference)))
    const stale = claims.filter((_, i) => i % 5 === 4)
    await pool.query('UPDATE tasks SET claim_epoch = claim_epoch + 1 WHERE id = ANY ($1)', [
      stale.map(({ id }) => id),
    ])
    const failure = new Failure('server', 'down')
    const ends = await Promise.all(
      claims.map((task, i) => {
        if (i % 5 === 0) return tasks.fail(task, failure, [timing])
        if (i % 5 === 1) return tasks.retry(task, failure, 60_000, [timing])
        if (i % 5 === 2) return tasks.release(task, [timing])
        return concepts.complete(task, conceptOf(task), () => [timing])
      }),
    )
    const expected = ['failed', 'pending', 'pending', 'completed', 'processing']
    const rows = await results(references)
    for (const [i, { taskId }] of references.entries()) {
      expect(rows.find(({ id }) => id === taskId)?.status).toBe(expected[i % 5])
      expect(ends[i] !== null && ends[i] !== false).toBe(i % 5 !== 4)
    }
    const { rows: timings } = await pool.query('SELECT FROM stage_timings WHERE task_id = ANY ($1)', [
      stale.map(({ id }) => id),
    ])
    expect(timings).toEqual([])
  })

  it('do not wait for one whose row is locked, which is seen to when it is free', async () => {
    const { tasks } = worker('w')
    const [locked, ...others] = await insertTasks(20)
    let waiting: Promise<ClaimedTask> | undefined
    await inTransaction(pool, async (client) => {
      await client.query('SELECT FROM tasks WHERE id = $1 FOR UPDATE', [locked!.taskId])
      waiting = claimed(tasks, locked!)
      await Promise.all(others.map((reference) => claimed(tasks, reference)))
      expect((await taskRow(pool, locked!.taskId)).status).toBe('pending')
    })
    expect(await waiting).toMatchObject({ attempt: 1 })
  })

  it('do not fail with one whose data Postgres refuses', async () => {
    const { tasks, concepts } = worker('w')
    const references = await insertTasks(10)
    const claims = await Promise.all(references.map((reference) => claimed(tasks, reference)))
    const ends = await Promise.allSettled(
      claims.map((task, i) =>
        concepts.complete(task, conceptOf(task, i === 3 ? 'NUL \0' : 'a fox'), () => [timing]),
      ),
    )
    expect(ends.map(({ status }) => status)).toEqual(
      claims.map((_, i) => (i === 3 ? 'rejected' : 'fulfilled')),
    )
    const rows = await results(references)
    expect(rows.filter(({ status, whole }) => status === 'completed' && whole)).toHaveLength(9)
    expect((await taskRow(pool, claims[3]!.id)).status).toBe('processing')
  })

  it('are told apart where they cannot be claimed', async () => {
    const { tasks } = worker('w')
    const ended = await insertTask(pool)
    await pool.query(`UPDATE tasks SET status = 'cancelled' WHERE id = $1`, [ended.taskId])
    const later = await insertTask(pool)
    await pool.query(`UPDATE tasks SET request = '{}', run_at = now() + interval '1 hour' WHERE id = $1`, [
      later.taskId,
    ])
    const [mine, theirs, other] = await insertTasks(3)
    const asked = [
      ended,
      later,
      mine!,
      { ...theirs!, userId: 'somebody else' },
      { ...other!, taskType: 'concept_refinement' },
      { ...mine!, taskId: randomUUID() },
    ]
    const answers = await Promise.all(asked.map((reference) => tasks.claim(reference)))
    expect(answers.map((answer) => (answer.kind === 'claimed' ? 'claimed' : answer.reason))).toEqual([
      'ended',
      'not_due',
      'claimed',
      'not_owner',
      'wrong_type',
      'missing',
    ])
  })
})
