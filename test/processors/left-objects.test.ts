import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TaskView } from '../../src/main/concepts/task-view.ts'
import type { TaskReference } from '../../src/processors/task.ts'
import { Attempts, namesOf } from './attempts.ts'
import { startWorkers, type Workers } from './workers.ts'

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

/** Another worker can have the task from now on. */
const endLease = ({ taskId }: TaskReference) =>
  workers.pool.query(`UPDATE tasks SET lease_expires_at = now() - interval '1 minute' WHERE id = $1`, [
    taskId,
  ])

describe('a worker that lost its task without knowing it', () => {
  it('neither replaces nor removes anything of the one that has it', async () => {
    const task = await attempts.generation()
    const [asked, answer] = [new Latch(), new Latch()]
    workers.hooks.beforeAnswer = async ({ stage }) => {
      if (stage !== 'generate_image') return
      asked.open()
      await answer.opened
    }
    const stale = attempts.run(task)
    await asked.opened
    workers.hooks.beforeAnswer = () => undefined
    await endLease(task)
    expect(await attempts.run(task, undefined, workers.other)).toMatchObject({ kind: 'completed' })
    const view = await attempts.completed(task)
    const before = await picturesOf(view)
    answer.open()

    expect(await stale).toEqual({ kind: 'lost' })
    expect(await picturesOf(view)).toEqual(before)
    expect(await attempts.rowsLeft(task)).toEqual({ checkpoints: '0', folders: '1' })
    // What it may have stored is on the list, and is removed by whoever comes next.
    expect((await attempts.filesOf(task)).length).toBeGreaterThanOrEqual(before.length)
    while ((await workers.folders.tidyOne(workers.store, 0)).kind === 'tidied');
    expect((await attempts.filesOf(task)).toSorted()).toEqual(namesOf(view).toSorted())
    expect(await picturesOf(view)).toEqual(before)
    expect(await attempts.rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })

  it('stores the very same pictures where both go on from the same image', async () => {
    const task = await attempts.generation()
    const [storing, goOn] = [new Latch(), new Latch()]
    workers.hooks.beforePut = async (path) => {
      if (!path.includes('variation-00')) return
      storing.open()
      await goOn.opened
    }
    const stale = attempts.run(task)
    await storing.opened
    workers.hooks.beforePut = () => undefined
    await endLease(task)
    expect(await attempts.run(task, undefined, workers.other)).toMatchObject({ kind: 'completed' })
    const view = await attempts.completed(task)
    const before = await picturesOf(view)
    goOn.open()
    expect(await stale).toEqual({ kind: 'lost' })
    expect(await picturesOf(view)).toEqual(before)
    expect((await attempts.filesOf(task)).toSorted()).toEqual(namesOf(view).toSorted())
    expect(attempts.stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })
})

describe('a task that ends without a concept', () => {
  it.each(['failed', 'cancelled'])('because it has %s keeps no objects', async (status) => {
    const task = await attempts.generation()
    await attempts.upToObject('variation-', task)
    expect(await attempts.filesOf(task)).not.toEqual([])
    await workers.pool.query('UPDATE tasks SET status = $2 WHERE id = $1', [task.taskId, status])
    while ((await workers.folders.tidyOne(workers.store, 0)).kind === 'tidied');
    expect(await attempts.filesOf(task)).toEqual([])
    expect(await attempts.rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })

  it('keeps them as long as it may still be tried again', async () => {
    const task = await attempts.generation()
    await attempts.upToObject('variation-', task)
    const before = await attempts.filesOf(task)
    while ((await workers.folders.tidyOne(workers.store, 0)).kind === 'tidied');
    expect(await attempts.filesOf(task)).toEqual(before)
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
