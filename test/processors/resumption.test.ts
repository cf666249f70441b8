import { randomUUID } from 'node:crypto'
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TaskView } from '../../src/main/concepts/task-view.ts'
import { reopenTask } from '../../src/main/tasks/reopening.ts'
import { Failure } from '../../src/processors/failure.ts'
import { Interruption } from '../../src/processors/interruption.ts'
import { taskFolder } from '../../src/processors/object-paths.ts'
import { REFINEMENT, type TaskReference } from '../../src/processors/task.ts'
import { insertTask } from '../setup/task-rows.ts'
import { Attempts, GENERATED, namesOf, USER } from './attempts.ts'
import { newImage, startWorkers, type Workers } from './workers.ts'

let workers: Workers
let attempts: Attempts

beforeAll(async () => {
  workers = await startWorkers()
  attempts = new Attempts(workers)
})

afterAll(() => workers.stop())

beforeEach(() => {
  workers.hooks.beforeAnswer = () => undefined
  workers.hooks.beforePut = () => undefined
})

/** Of a picture that the user has in the store. */
async function refinement(): Promise<{ task: TaskReference; original: string }> {
  const original = join(workers.folder, 'users', USER, `${randomUUID()}.webp`)
  await mkdir(dirname(original), { recursive: true })
  await writeFile(original, await newImage(0))
  const url = pathToFileURL(original).href
  const fields = { refinement_prompt: 'warmer', original_image_url: url, num_palettes: 2 }
  return { original, task: await insertTask(workers.pool, { userId: USER, taskType: REFINEMENT, fields }) }
}

const resumedStages = ({ stages }: TaskView) =>
  stages.filter(({ outcome }) => outcome === 'resumed').map(({ stage }) => stage)

const keptPath = async (task: TaskReference): Promise<string> => {
  const [paid] = (await attempts.filesOf(task)).filter((name) => name.startsWith('paid-'))
  return join(workers.folder, taskFolder(USER, task.taskId), paid!)
}

describe('hostile conditions: a store that takes nothing for a moment', () => {
  it('does not have an image paid for again', async () => {
    const task = await attempts.generation()
    let refusals = 2
    workers.hooks.beforePut = (path) => {
      if (path.includes('/paid-') && refusals-- > 0) throw new Failure('storage', 'the disk is full')
    }
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('keeps no worker from stopping', async () => {
    const task = await attempts.generation()
    const stop = new Interruption()
    let puts = 0
    workers.hooks.beforePut = (path) => {
      if (!path.includes('/paid-')) return
      if (++puts === 2) stop.abort(new Error('the worker stops'))
      throw new Failure('storage', 'the disk is full')
    }
    expect(await attempts.run(task, stop)).toEqual({ kind: 'interrupted' })
    expect(puts).toBe(2)
  })
})

describe('hostile conditions: a task whose worker is gone', () => {
  it('after the image was paid for goes on from it', async () => {
    const task = await attempts.generation()
    await attempts.upToCall('generate_palettes', task)
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual(['generate_image', 'generate_palettes', 'generate_palettes'])
    expect(resumedStages(await attempts.completed(task))).toEqual(['generate_image'])
  })

  it('after the palettes were paid for goes on from both', async () => {
    const task = await attempts.generation()
    await attempts.upToObject('variation-', task)
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
    const view = await attempts.completed(task)
    expect(resumedStages(view)).toEqual(['generate_image', 'generate_palettes'])
    const place = workers.calls.findIndex(
      ({ taskId, stage }) => taskId === task.taskId && stage === 'generate_palettes',
    )
    expect(view.concept!.variations.map(({ paletteName, derived }) => [paletteName, derived])).toEqual([
      [`A0 of call ${place + 1}`, false],
      [`B0 of call ${place + 1}`, false],
    ])
  })

  it('between the answer of the model and its keeping has it kept all the same', async () => {
    const task = await attempts.generation()
    await attempts.upToObject('paid-', task)
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('after a refinement was paid for goes on from it, even if the original is gone', async () => {
    const { task, original } = await refinement()
    await attempts.upToCall('generate_palettes', task)
    await rm(original)
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual(['refine_image', 'generate_palettes', 'generate_palettes'])
    expect(resumedStages(await attempts.completed(task))).toEqual(['refine_image', 'fetch_original'])
  })

  it('as often as that happens pays for each result once', async () => {
    const task = await attempts.generation()
    for (const place of ['base-', 'variation-00', 'variation-01']) await attempts.upToObject(place, task)
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    // The palettes are asked for while the base image is stored.
    expect(attempts.stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(1)
    expect(attempts.stagesPaid(task).length).toBeLessThanOrEqual(3)
  })

  it('leaves nothing behind in the end but what its concept names', async () => {
    const task = await attempts.generation()
    await attempts.upToObject('variation-', task)
    await attempts.run(task)
    expect((await attempts.filesOf(task)).toSorted()).toEqual(
      namesOf(await attempts.completed(task)).toSorted(),
    )
    expect(await attempts.rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })
})

describe('a task that is tried again after an error', () => {
  it('of the store pays for no model again', async () => {
    const task = await attempts.generation()
    workers.hooks.beforePut = (path) => {
      if (path.includes('variation-')) throw new Failure('storage', 'the disk is full')
    }
    expect(await attempts.run(task)).toMatchObject({ kind: 'retry' })
    workers.hooks.beforePut = () => undefined
    await workers.pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('of the model, which sent half an image, asks for another one', async () => {
    const task = await attempts.generation()
    workers.hooks.beforeAnswer = async ({ stage }, response) => {
      if (stage !== 'generate_image') return true
      response.end((await newImage(1)).subarray(0, 40))
      return false
    }
    expect(await attempts.run(task)).toMatchObject({ kind: 'retry', failure: { category: 'invalid_output' } })
    workers.hooks.beforeAnswer = () => undefined
    expect(await attempts.rowsLeft(task)).toMatchObject({ checkpoints: '0' })
    await workers.pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual(['generate_image', 'generate_image', 'generate_palettes'])
  })
})

describe('a task that an operator has tried again after its last attempt', () => {
  it('gets all its attempts anew, and goes on from what the earlier ones paid for', async () => {
    const task = await attempts.generation()
    await workers.pool.query('UPDATE tasks SET attempt = 4 WHERE id = $1', [task.taskId])
    workers.hooks.beforeAnswer = ({ stage }, response) => {
      if (stage !== 'generate_palettes') return true
      response.writeHead(500).end()
      return false
    }
    expect(await attempts.run(task)).toMatchObject({ kind: 'failed', failure: { category: 'server' } })
    expect(await reopenTask(workers.pool, task.taskId, false)).toBe('reopened')
    expect(await attempts.run(task)).toMatchObject({ kind: 'retry', failure: { category: 'server' } })
    workers.hooks.beforeAnswer = () => undefined
    await workers.pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(1)
    expect(await attempts.completed(task)).toMatchObject({ attempt: 7 })
  })
})

describe('a kept image', () => {
  it.each<[string, (file: string) => Promise<unknown>]>([
    ['is gone', (file) => rm(file)],
    ['is cut off', (file) => truncate(file, 40)],
    ['is another one', async (file) => writeFile(file, await newImage(77))],
  ])('that %s is made anew', async (_, harm) => {
    const { task } = await refinement()
    await attempts.upToCall('generate_palettes', task)
    await harm(await keptPath(task))
    expect(await attempts.run(task)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task)).toEqual([
      'refine_image',
      'generate_palettes',
      'refine_image',
      'generate_palettes',
    ])
    const view = await attempts.completed(task)
    expect(resumedStages(view)).toEqual([])
    expect(view.stages).toContainEqual(
      expect.objectContaining({ stage: 'refine_image', outcome: 'failed', errorCode: 'invalid_image' }),
    )
    expect((await attempts.filesOf(task)).toSorted()).toEqual(namesOf(view).toSorted())
  })

  it('is not given to another request of the same task', async () => {
    const task = await attempts.generation()
    await attempts.upToCall('generate_palettes', task)
    const changed = { ...task, fields: { ...GENERATED, logo_description: 'an owl' } }
    expect(await attempts.run(changed)).toMatchObject({ kind: 'completed' })
    expect(attempts.stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(2)
  })
})

describe('the key of a model call', () => {
  it('names task, stage and attempt, and stays the same when an interrupted attempt begins again', async () => {
    const task = await attempts.generation()
    await attempts.upToCall('generate_palettes', task)
    await attempts.run(task)
    expect(workers.calls.filter(({ taskId }) => taskId === task.taskId).map(({ key }) => key)).toEqual([
      `${task.taskId}/generate_image/1`,
      `${task.taskId}/generate_palettes/1`,
      `${task.taskId}/generate_palettes/1`,
    ])
  })
})
