import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readTaskView, type TaskView } from '../../src/main/concepts/task-view.ts'
import { reopenTask } from '../../src/main/tasks/reopening.ts'
import { Failure } from '../../src/processors/failure.ts'
import { taskFolder } from '../../src/processors/object-paths.ts'
import { Interruption } from '../../src/processors/interruption.ts'
import type { Outcome } from '../../src/processors/outcome.ts'
import type { PayingStage } from '../../src/processors/stage-clock.ts'
import { REFINEMENT, type TaskReference } from '../../src/processors/task.ts'
import { insertTask } from '../setup/task-rows.ts'
import { newImage, startWorkers, type Workers } from './workers.ts'

const USER = 'user-1'
const GENERATED = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 2 }

let workers: Workers

beforeAll(async () => {
  workers = await startWorkers()
})

afterAll(() => workers.stop())

beforeEach(() => {
  workers.hooks.beforeAnswer = () => undefined
  workers.hooks.beforePut = () => undefined
})

const generation = () => insertTask(workers.pool, { userId: USER, fields: GENERATED })

/** Of a picture that the user has in the store. */
async function refinement(): Promise<{ task: TaskReference; original: string }> {
  const original = join(workers.folder, 'users', USER, `${randomUUID()}.webp`)
  await mkdir(dirname(original), { recursive: true })
  await writeFile(original, await newImage(0))
  const url = pathToFileURL(original).href
  const fields = { refinement_prompt: 'warmer', original_image_url: url, num_palettes: 2 }
  return { original, task: await insertTask(workers.pool, { userId: USER, taskType: REFINEMENT, fields }) }
}

/** Runs one attempt at the task to its end. */
const attempt = (task: TaskReference, stopping?: Interruption, registry = workers.worker): Promise<Outcome> =>
  registry.get(task.taskType).process(task, stopping ?? new Interruption())

/** Runs an attempt that is interrupted when the model of this stage is called. */
async function attemptUpToCall(stage: PayingStage, task: TaskReference): Promise<void> {
  const stop = new Interruption()
  workers.hooks.beforeAnswer = (call) => {
    if (call.stage !== stage) return true
    stop.abort(new Error('the worker stops'))
    return false
  }
  expect(await attempt(task, stop)).toEqual({ kind: 'interrupted' })
  workers.hooks.beforeAnswer = () => undefined
}

/** Runs an attempt that is interrupted when an object of such a name is stored. */
async function attemptUpToObject(name: string, task: TaskReference): Promise<void> {
  const stop = new Interruption()
  workers.hooks.beforePut = (path) => {
    if (path.includes(`/${name}`)) stop.abort(new Error('the worker stops'))
  }
  expect(await attempt(task, stop)).toEqual({ kind: 'interrupted' })
  workers.hooks.beforePut = () => undefined
}

const stagesPaid = ({ taskId }: TaskReference) =>
  workers.calls.filter((call) => call.taskId === taskId).map(({ stage }) => stage)

const filesOf = (taskId: string) => readdir(join(workers.folder, taskFolder(USER, taskId)))

async function completed(task: TaskReference): Promise<TaskView> {
  const view = await readTaskView(workers.pool, task.taskId)
  expect(view?.status).toBe('completed')
  return view!
}

const resumedStages = ({ stages }: TaskView) =>
  stages.filter(({ outcome }) => outcome === 'resumed').map(({ stage }) => stage)

const namesOf = ({ concept }: TaskView) =>
  [concept!.imagePath, ...concept!.variations.map(({ imagePath }) => imagePath)].map((path) => basename(path))

const keptPath = async ({ taskId }: TaskReference): Promise<string> => {
  const [paid] = (await filesOf(taskId)).filter((name) => name.startsWith('paid-'))
  return join(workers.folder, taskFolder(USER, taskId), paid!)
}

/** Another worker can have the task from now on. */
const endLease = ({ taskId }: TaskReference) =>
  workers.pool.query(`UPDATE tasks SET lease_expires_at = now() - interval '1 minute' WHERE id = $1`, [
    taskId,
  ])

const rowsLeft = async ({ taskId }: TaskReference) => {
  const { rows } = await workers.pool.query<{ checkpoints: string; folders: string }>(
    `SELECT (SELECT count(*) FROM task_checkpoints WHERE task_id = $1) AS checkpoints,
            (SELECT count(*) FROM task_folders WHERE task_id = $1) AS folders`,
    [taskId],
  )
  return rows[0]
}

describe('hostile conditions: a store that takes nothing for a moment', () => {
  it('does not have an image paid for again', async () => {
    const task = await generation()
    let refusals = 2
    workers.hooks.beforePut = (path) => {
      if (path.includes('/paid-') && refusals-- > 0) throw new Failure('storage', 'the disk is full')
    }
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('keeps no worker from stopping', async () => {
    const task = await generation()
    const stop = new Interruption()
    let puts = 0
    workers.hooks.beforePut = (path) => {
      if (!path.includes('/paid-')) return
      if (++puts === 2) stop.abort(new Error('the worker stops'))
      throw new Failure('storage', 'the disk is full')
    }
    expect(await attempt(task, stop)).toEqual({ kind: 'interrupted' })
    expect(puts).toBe(2)
  })
})

describe('hostile conditions: a task whose worker is gone', () => {
  it('after the image was paid for goes on from it', async () => {
    const task = await generation()
    await attemptUpToCall('generate_palettes', task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes', 'generate_palettes'])
    expect(resumedStages(await completed(task))).toEqual(['generate_image'])
  })

  it('after the palettes were paid for goes on from both', async () => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
    const view = await completed(task)
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
    const task = await generation()
    await attemptUpToObject('paid-', task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('after a refinement was paid for goes on from it, even if the original is gone', async () => {
    const { task, original } = await refinement()
    await attemptUpToCall('generate_palettes', task)
    await rm(original)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['refine_image', 'generate_palettes', 'generate_palettes'])
    expect(resumedStages(await completed(task))).toEqual(['refine_image', 'fetch_original'])
  })

  it('as often as that happens pays for each result once', async () => {
    const task = await generation()
    for (const place of ['base-', 'variation-00', 'variation-01']) await attemptUpToObject(place, task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    // The palettes are asked for while the base image is stored.
    expect(stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(1)
    expect(stagesPaid(task).length).toBeLessThanOrEqual(3)
  })

  it('leaves nothing behind in the end but what its concept names', async () => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    await attempt(task)
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(await completed(task)).toSorted())
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })
})

describe('a task that is tried again after an error', () => {
  it('of the store pays for no model again', async () => {
    const task = await generation()
    workers.hooks.beforePut = (path) => {
      if (path.includes('variation-')) throw new Failure('storage', 'the disk is full')
    }
    expect(await attempt(task)).toMatchObject({ kind: 'retry' })
    workers.hooks.beforePut = () => undefined
    await workers.pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('of the model, which sent half an image, asks for another one', async () => {
    const task = await generation()
    workers.hooks.beforeAnswer = async ({ stage }, response) => {
      if (stage !== 'generate_image') return true
      response.end((await newImage(1)).subarray(0, 40))
      return false
    }
    expect(await attempt(task)).toMatchObject({ kind: 'retry', failure: { category: 'invalid_output' } })
    workers.hooks.beforeAnswer = () => undefined
    expect(await rowsLeft(task)).toMatchObject({ checkpoints: '0' })
    await workers.pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_image', 'generate_palettes'])
  })
})

describe('a task that an operator has tried again after its last attempt', () => {
  it('gets all its attempts anew, and goes on from what the earlier ones paid for', async () => {
    const task = await generation()
    await workers.pool.query('UPDATE tasks SET attempt = 4 WHERE id = $1', [task.taskId])
    workers.hooks.beforeAnswer = ({ stage }, response) => {
      if (stage !== 'generate_palettes') return true
      response.writeHead(500).end()
      return false
    }
    expect(await attempt(task)).toMatchObject({ kind: 'failed', failure: { category: 'server' } })
    expect(await reopenTask(workers.pool, task.taskId, false)).toBe('reopened')
    expect(await attempt(task)).toMatchObject({ kind: 'retry', failure: { category: 'server' } })
    workers.hooks.beforeAnswer = () => undefined
    await workers.pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(1)
    expect(await completed(task)).toMatchObject({ attempt: 7 })
  })
})

describe('a kept image', () => {
  it.each<[string, (file: string) => Promise<unknown>]>([
    ['is gone', (file) => rm(file)],
    ['is cut off', (file) => truncate(file, 40)],
    ['is another one', async (file) => writeFile(file, await newImage(77))],
  ])('that %s is made anew', async (_, harm) => {
    const { task } = await refinement()
    await attemptUpToCall('generate_palettes', task)
    await harm(await keptPath(task))
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual([
      'refine_image',
      'generate_palettes',
      'refine_image',
      'generate_palettes',
    ])
    const view = await completed(task)
    expect(resumedStages(view)).toEqual([])
    expect(view.stages).toContainEqual(
      expect.objectContaining({ stage: 'refine_image', outcome: 'failed', errorCode: 'invalid_image' }),
    )
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(view).toSorted())
  })

  it('is not given to another request of the same task', async () => {
    const task = await generation()
    await attemptUpToCall('generate_palettes', task)
    const changed = { ...task, fields: { ...GENERATED, logo_description: 'an owl' } }
    expect(await attempt(changed)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(2)
  })
})

describe('a worker that lost its task without knowing it', () => {
  it('neither replaces nor removes anything of the one that has it', async () => {
    const task = await generation()
    const [asked, answer] = [new Latch(), new Latch()]
    workers.hooks.beforeAnswer = async ({ stage }) => {
      if (stage !== 'generate_image') return
      asked.open()
      await answer.opened
    }
    const stale = attempt(task)
    await asked.opened
    workers.hooks.beforeAnswer = () => undefined
    await endLease(task)
    expect(await attempt(task, undefined, workers.other)).toMatchObject({ kind: 'completed' })
    const view = await completed(task)
    const before = await picturesOf(view)
    answer.open()

    expect(await stale).toEqual({ kind: 'lost' })
    expect(await picturesOf(view)).toEqual(before)
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '1' })
    // What it may have stored is on the list, and is removed by whoever comes next.
    expect((await filesOf(task.taskId)).length).toBeGreaterThanOrEqual(before.length)
    while (await workers.folders.tidyOne(workers.store, 0));
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(view).toSorted())
    expect(await picturesOf(view)).toEqual(before)
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })

  it('stores the very same pictures where both go on from the same image', async () => {
    const task = await generation()
    const [storing, goOn] = [new Latch(), new Latch()]
    workers.hooks.beforePut = async (path) => {
      if (!path.includes('variation-00')) return
      storing.open()
      await goOn.opened
    }
    const stale = attempt(task)
    await storing.opened
    workers.hooks.beforePut = () => undefined
    await endLease(task)
    expect(await attempt(task, undefined, workers.other)).toMatchObject({ kind: 'completed' })
    const view = await completed(task)
    const before = await picturesOf(view)
    goOn.open()
    expect(await stale).toEqual({ kind: 'lost' })
    expect(await picturesOf(view)).toEqual(before)
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(view).toSorted())
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })
})

describe('a task that ends without a concept', () => {
  it.each(['failed', 'cancelled'])('because it has %s keeps no objects', async (status) => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    expect(await filesOf(task.taskId)).not.toEqual([])
    await workers.pool.query('UPDATE tasks SET status = $2 WHERE id = $1', [task.taskId, status])
    while (await workers.folders.tidyOne(workers.store, 0));
    expect(await filesOf(task.taskId)).toEqual([])
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })

  it('keeps them as long as it may still be tried again', async () => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    const before = await filesOf(task.taskId)
    while (await workers.folders.tidyOne(workers.store, 0));
    expect(await filesOf(task.taskId)).toEqual(before)
  })
})

describe('the key of a model call', () => {
  it('names task, stage and attempt, and stays the same when an interrupted attempt begins again', async () => {
    const task = await generation()
    await attemptUpToCall('generate_palettes', task)
    await attempt(task)
    expect(workers.calls.filter(({ taskId }) => taskId === task.taskId).map(({ key }) => key)).toEqual([
      `${task.taskId}/generate_image/1`,
      `${task.taskId}/generate_palettes/1`,
      `${task.taskId}/generate_palettes/1`,
    ])
  })
})

const picturesOf = ({ concept }: TaskView): Promise<Buffer[]> =>
  Promise.all(
    [concept!.imageUrl, ...concept!.variations.map(({ imageUrl }) => imageUrl)].map((url) =>
      readFile(fileURLToPath(url)),
    ),
  )

class Latch {
  open: () => void = () => undefined
  readonly opened = new Promise<void>((resolve) => (this.open = resolve))
}
