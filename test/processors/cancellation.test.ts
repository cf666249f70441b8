import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Interruption } from '../../src/processors/interruption.ts'
import type { TaskReference } from '../../src/processors/task.ts'
import { insertTask } from '../setup/task-rows.ts'
import { startWorkers, type Workers } from './workers.ts'

let workers: Workers

beforeAll(async () => {
  workers = await startWorkers()
})

afterAll(() => workers.stop())

beforeEach(() => {
  workers.hooks.beforeAnswer = () => undefined
  workers.hooks.beforePut = () => undefined
})

describe('a task that is cancelled in the middle of its work', () => {
  const cancel = ({ taskId }: TaskReference) =>
    workers.pool.query(`UPDATE tasks SET status = 'cancelled' WHERE id = $1`, [taskId])

  it.each<[string, 'aborted' | 'failed', (task: TaskReference) => void]>([
    [
      'before its palettes are kept',
      'aborted',
      (task) => {
        workers.hooks.beforeAnswer = async ({ stage }) => {
          if (stage === 'generate_palettes') await cancel(task)
        }
      },
    ],
    [
      'before its concept is stored',
      'aborted',
      (task) => {
        workers.hooks.beforePut = (path) => path.includes('variation-01') && cancel(task)
      },
    ],
    [
      'before its failure is recorded',
      'failed',
      (task) => {
        workers.hooks.beforeAnswer = async (_, response) => {
          await cancel(task)
          response.writeHead(402).end()
          return false
        }
      },
    ],
  ])('%s ends as cancelled, which is nothing to worry about', async (_, stages, cancelIn) => {
    const fields = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 2 }
    const task = await insertTask(workers.pool, { userId: 'user-1', fields })
    const [lines, timings] = [workers.lines.length, workers.timings.length]
    cancelIn(task)
    const processor = workers.worker.get(task.taskType)
    expect(await processor.process(task, new Interruption())).toEqual({ kind: 'cancelled' })
    expect(workers.lines.slice(lines).map(({ level }) => level)).not.toContain('warn')
    const outcomes = workers.timings.slice(timings).map(({ outcome }) => outcome)
    expect(new Set(outcomes.filter((outcome) => outcome !== 'ok'))).toEqual(new Set([stages]))
  })
})
