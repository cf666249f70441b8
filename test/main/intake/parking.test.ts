import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { ParkedMessages, type ParkingTimes } from '../../../src/main/intake/parked-messages.ts'
import { Parking, type Runner } from '../../../src/main/intake/parking.ts'
import { Quarantine, type ReceivedMessage } from '../../../src/main/intake/quarantine.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'
import { GENERATION, type TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const TIMES: ParkingTimes = { patienceMs: 60_000, firstLookMs: 20, maxLookMs: 100, runMs: 60_000 }
const completed: Outcome = { kind: 'completed', resultId: 'r' }

let pool: Pool
let parkings: Parking[]

beforeEach(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
  parkings = []
})

afterEach(async () => {
  await Promise.all(parkings.map((parking) => parking.stop()))
  await pool.end()
})

/** A worker's parking, and the tasks that it has run. */
function parkingOf(run: Runner['run'] = () => Promise.resolve(completed), times: Partial<ParkingTimes> = {}) {
  const ran: TaskReference[] = []
  const runner: Runner = {
    freeSlots: 16,
    run: (reference) => {
      ran.push(reference)
      return run(reference)
    },
  }
  const { log, lines } = recordedLog()
  const all = { ...TIMES, ...times }
  const parked = new ParkedMessages(pool, all)
  const parking = new Parking(parked, new Quarantine(pool), runner, all.firstLookMs, log)
  parkings.push(parking)
  return { parking, ran, lines }
}

function messageFor({ taskId, userId, taskType, fields }: TaskReference): ReceivedMessage {
  const data = JSON.stringify({ task_id: taskId, user_id: userId, task_type: taskType, ...fields })
  return { id: randomUUID(), data: Buffer.from(data), attributes: { a: '\0' }, publishedAt: new Date() }
}

function unseenTask(): TaskReference {
  return {
    taskId: randomUUID(),
    userId: 'user-1',
    taskType: GENERATION,
    fields: { logo_description: 'a fox' },
  }
}

async function idsIn(table: 'parked_messages' | 'quarantined_messages'): Promise<string[]> {
  const { rows } = await pool.query<{ message_id: string }>(`SELECT message_id FROM ${table}`)
  return rows.map((row) => row.message_id)
}

describe('a parked message', () => {
  it('is run when its task appears, as it was received, and is gone then', async () => {
    const { parking, ran } = parkingOf()
    const task = unseenTask()
    await parking.park(messageFor(task), task)
    expect(await idsIn('parked_messages')).toHaveLength(1)
    await insertTask(pool, task)
    parking.start()
    await expect.poll(() => idsIn('parked_messages'), { timeout: 10_000 }).toEqual([])
    expect(ran).toEqual([task])
    expect(await idsIn('quarantined_messages')).toEqual([])
  })

  it('outlives its worker: any other runs it', async () => {
    const [dead, alive] = [parkingOf(), parkingOf()]
    const task = unseenTask()
    await dead.parking.park(messageFor(task), task)
    await dead.parking.stop()
    await insertTask(pool, task)
    alive.parking.start()
    await expect.poll(() => alive.ran, { timeout: 10_000 }).toEqual([task])
    expect(dead.ran).toEqual([])
  })

  it('is taken up again when the worker dies that was to run it', async () => {
    const never = () => new Promise<Outcome>((resolve) => giveUp.push(() => resolve({ kind: 'interrupted' })))
    const giveUp: (() => void)[] = []
    const [dying, alive] = [parkingOf(never, { runMs: 500 }), parkingOf()]
    const task = await insertTask(pool)
    await dying.parking.park(messageFor(task), task)
    dying.parking.start()
    await expect.poll(() => dying.ran, { timeout: 10_000 }).toEqual([task])
    for (const resolve of giveUp) resolve()
    await dying.parking.stop()
    alive.parking.start()
    await expect.poll(() => alive.ran, { timeout: 10_000 }).toEqual([task])
    await expect.poll(() => idsIn('parked_messages'), { timeout: 10_000 }).toEqual([])
  })

  it('is run by one of many workers', async () => {
    const workers = [parkingOf(), parkingOf(), parkingOf()]
    const tasks = await Promise.all(Array.from({ length: 150 }, () => insertTask(pool)))
    const [{ parking }] = workers as [(typeof workers)[0]]
    await Promise.all(tasks.map((task) => parking.park(messageFor(task), task)))
    for (const worker of workers) worker.parking.start()
    await expect.poll(() => idsIn('parked_messages'), { timeout: 20_000 }).toEqual([])
    const ids = workers.flatMap(({ ran }) => ran.map(({ taskId }) => taskId))
    expect(ids.toSorted()).toEqual(tasks.map(({ taskId }) => taskId).toSorted())
  })

  it('waits as long as nobody has room for its task', async () => {
    const { log } = recordedLog()
    const runner = { freeSlots: 0, run: () => Promise.resolve(completed) }
    const busy = new Parking(new ParkedMessages(pool, TIMES), new Quarantine(pool), runner, 20, log)
    parkings.push(busy)
    const task = await insertTask(pool)
    await busy.park(messageFor(task), task)
    busy.start()
    const { parking: free, ran } = parkingOf()
    free.start()
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual([task])
  })

  it('stays while its task is in other hands, which may be those that still wait for their turn', async () => {
    const outcomes: Outcome[] = [{ kind: 'skipped', reason: 'held' }, completed]
    const { parking, ran } = parkingOf(() => Promise.resolve(outcomes.shift() ?? completed), { runMs: 1 })
    const task = await insertTask(pool)
    await parking.park(messageFor(task), task)
    parking.start()
    await expect.poll(() => idsIn('parked_messages'), { timeout: 10_000 }).toEqual([])
    expect(ran).toEqual([task, task])
  })

  it('whose task never appears goes into quarantine with the reason, and is run by nobody', async () => {
    const { parking, ran, lines } = parkingOf(undefined, { patienceMs: 50 })
    const [task, large] = [
      unseenTask(),
      { ...unseenTask(), fields: { logo_description: 'x'.repeat(100_000) } },
    ]
    const [message, largeMessage] = [messageFor(task), messageFor(large)]
    await parking.park(message, task)
    await parking.park(largeMessage, large)
    parking.start()
    await expect.poll(() => idsIn('parked_messages'), { timeout: 10_000 }).toEqual([])
    const { rows } = await pool.query(
      `SELECT message_id, reason, octet_length(data) AS kept, size_bytes FROM quarantined_messages ORDER BY size_bytes`,
    )
    const reason = 'task_id: expected the id of a row in tasks'
    const [size, largeSize] = [message.data.byteLength, largeMessage.data.byteLength]
    expect(rows).toEqual([
      { message_id: message.id, reason, kept: size, size_bytes: size },
      { message_id: largeMessage.id, reason, kept: 65_536, size_bytes: largeSize },
    ])
    expect(ran).toEqual([])
    expect(lines).toContainEqual({
      level: 'warn',
      message: 'message quarantined',
      fields: { messageId: message.id, reason },
    })
  })

  it('of another type than its task goes into quarantine when the task appears', async () => {
    const { parking } = parkingOf(() => Promise.resolve({ kind: 'skipped', reason: 'wrong_type' }))
    const task = await insertTask(pool)
    await parking.park(messageFor(task), task)
    parking.start()
    await expect.poll(() => idsIn('parked_messages'), { timeout: 10_000 }).toEqual([])
    expect(await idsIn('quarantined_messages')).toHaveLength(1)
  })

  it('of another user changes nothing when the task appears', async () => {
    const keeper = new LeaseKeeper(pool, 60_000, recordedLog().log)
    const tasks = new TaskStore(pool, keeper, { workerId: 'w', leaseMs: 60_000, maxAttempts: 5 })
    const { parking, ran } = parkingOf(async (reference) => {
      const claim = await tasks.claim(reference)
      return claim.kind === 'unclaimable' ? { kind: 'skipped', reason: claim.reason } : completed
    })
    const task = unseenTask()
    const forged = { ...task, userId: 'mallory' }
    await parking.park(messageFor(forged), forged)
    await insertTask(pool, task)
    parking.start()
    await expect.poll(() => idsIn('parked_messages'), { timeout: 10_000 }).toEqual([])
    expect(ran).toEqual([forged])
    expect(await taskRow(pool, task.taskId)).toMatchObject({ status: 'pending', attempt: 0, request: null })
    await keeper.stop()
  })
})
