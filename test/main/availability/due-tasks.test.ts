import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningWorker } from '../../setup/running-worker.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { startWorkerWithoutModels } from '../../setup/worker-without-models.ts'

const FIELDS = { logo_description: 'a fox', theme_description: 'autumn' }

let worker: RunningWorker

beforeAll(async () => {
  worker = await startWorkerWithoutModels()
})

afterAll(() => worker.stop())

/** A task that is due for another attempt, and that no message will name. */
async function dueTask(taskType: string, fields: object): Promise<string> {
  const { taskId } = await insertTask(worker.pool, { taskType })
  await worker.pool.query(
    `UPDATE tasks SET request = $2, run_at = now() - interval '1 second' WHERE id = $1`,
    [taskId, JSON.stringify({ task_type: taskType, ...fields })],
  )
  return taskId
}

describe('due tasks, while a model is down', () => {
  it('are done where they do not need it, and left alone where they do', async () => {
    await worker.ended(await worker.submit('concept_generation', FIELDS))
    await worker.logged('a model is down: its calls wait')
    const generation = await dueTask('concept_generation', FIELDS)
    const refinement = await dueTask('concept_refinement', {
      refinement_prompt: 'more red',
      original_image_url: 'http://127.0.0.1/closed.png',
    })
    // It gets as far as its original, which lies at an address that nobody may download from.
    expect(await worker.ended(refinement)).toMatchObject({ errorCode: 'original_unavailable' })
    expect(await taskRow(worker.pool, generation)).toMatchObject({ status: 'pending', attempt: 0 })
  })
})
