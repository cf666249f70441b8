import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningWorker } from '../../setup/running-worker.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { startWorkerWithoutModels } from '../../setup/worker-without-models.ts'

const WAIT = { timeout: 20_000 }
const FIELDS = { logo_description: 'a fox', theme_description: 'autumn' }

let worker: RunningWorker

beforeAll(async () => {
  worker = await startWorkerWithoutModels()
})

afterAll(() => worker.stop())

/** Publishes the message of a task that is not there, and waits until it is parked; answers the task's id. */
async function parkedTask(): Promise<string> {
  const taskId = randomUUID()
  const task = { task_id: taskId, user_id: 'user-1', task_type: 'concept_generation', ...FIELDS }
  await worker.publish(JSON.stringify(task))
  await expect.poll(() => isParked(taskId), WAIT).toBe(true)
  return taskId
}

async function isParked(taskId: string): Promise<boolean> {
  const { rowCount } = await worker.pool.query('SELECT FROM parked_messages WHERE task_id = $1', [taskId])
  return rowCount === 1
}

/** Resolves when the worker has begun another look at the parked messages, and given up one that is overdue. */
async function nextLook(): Promise<void> {
  const taskId = randomUUID()
  await worker.pool.query(
    `INSERT INTO parked_messages (message_id, task_id, data, attributes, published_at, look_at, give_up_at)
     VALUES ($1::uuid, $1, '', '{}', now(), now(), now())`,
    [taskId],
  )
  await expect.poll(() => isParked(taskId), WAIT).toBe(false)
}

describe('a parked message whose task appears while a model is down', () => {
  it('stays parked, and its task is not claimed', async () => {
    const taskId = await parkedTask()
    await worker.ended(await worker.submit('concept_generation', FIELDS))
    await worker.logged('a model is down: its calls wait')
    await insertTask(worker.pool, { taskId })
    await nextLook()
    // With the second one the first has ended, which may have taken the message up.
    await nextLook()
    expect(await taskRow(worker.pool, taskId)).toMatchObject({ status: 'pending', attempt: 0 })
    expect(await isParked(taskId)).toBe(true)
  })
})
