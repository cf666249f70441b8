import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BroadcastChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Interruption } from '../../src/processors/interruption.ts'
import type { PayingStage } from '../../src/processors/stage-clock.ts'
import { GENERATION, REFINEMENT, type TaskReference } from '../../src/processors/task.ts'
import { insertTask, taskRow } from '../setup/task-rows.ts'
import { newImage, startWorkers, type Workers } from './workers.ts'

const USER = 'user-1'
const FIELDS = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 2 }

const deaths = new BroadcastChannel('deaths of the model thread')
let workers: Workers

beforeAll(async () => {
  workers = await startWorkers({ modelEntry: new URL('mortal-model-thread.ts', import.meta.url) })
})

afterAll(async () => {
  deaths.close()
  await workers.stop()
})

async function taskOf(taskType: string): Promise<TaskReference> {
  const original = join(workers.folder, 'users', USER, 'original.webp')
  await mkdir(dirname(original), { recursive: true })
  await writeFile(original, await newImage(0))
  const refined = { refinement_prompt: 'warmer', original_image_url: pathToFileURL(original).href }
  return insertTask(workers.pool, { userId: USER, taskType, fields: { ...FIELDS, ...refined } })
}

/** Runs an attempt whose calls of this stage are lost with their thread, this often. */
function attemptWithLosses(stage: PayingStage, losses: number, task: TaskReference) {
  workers.hooks.beforeAnswer = (call) => {
    if (call.stage !== stage || losses-- <= 0) return true
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is no window's
    deaths.postMessage(stage)
    return false
  }
  return workers.worker.get(task.taskType).process(task, new Interruption())
}

const keysOf = ({ taskId }: TaskReference, of: PayingStage) =>
  workers.calls.filter((call) => call.taskId === taskId && call.stage === of).map(({ key }) => key)

describe('hostile conditions: a task whose call is lost with the thread that calls the models', () => {
  it.each<[PayingStage, string]>([
    ['generate_image', GENERATION],
    ['generate_palettes', GENERATION],
    ['refine_image', REFINEMENT],
  ])('makes the same call once more within its attempt: %s', async (stage, taskType) => {
    const task = await taskOf(taskType)
    const measuredBefore = workers.timings.length
    expect(await attemptWithLosses(stage, 1, task)).toMatchObject({ kind: 'completed' })
    expect(keysOf(task, stage)).toEqual(Array(2).fill(`${task.taskId}/${stage}/1`))
    const calls = workers.timings
      .slice(measuredBefore)
      .filter((timing) => timing.stage === stage && ['call', 'suggest'].includes(timing.step ?? ''))
    expect(calls.map(({ outcome }) => outcome)).toEqual(['failed', 'ok'])
    expect(await taskRow(workers.pool, task.taskId)).toMatchObject({ status: 'completed', attempt: 1 })
  })

  it('is tried again later when the second call is lost as well, which its answer may have done', async () => {
    const task = await taskOf(GENERATION)
    expect(await attemptWithLosses('generate_image', 2, task)).toMatchObject({
      kind: 'retry',
      failure: { category: 'internal' },
    })
    expect(keysOf(task, 'generate_image')).toHaveLength(2)
  })
})
