import { describe, expect, it } from 'vitest'
import { TaskRunner } from '../../../src/main/intake/task-runner.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'
import type { TaskReference } from '../../../src/processors/task.ts'
import { NO_METER } from '../../setup/no-meter.ts'
import { recordedLog } from '../../setup/recorded-log.ts'

/** A runner with a limit that the test sets, and tasks that end when the test says so. */
function limitedTo(current: number) {
  const limit = { current }
  const finish = new Map<string, () => void>()
  const process = ({ taskId }: TaskReference) =>
    new Promise<Outcome>((resolve) => {
      finish.set(taskId, () => resolve({ kind: 'completed', resultId: taskId }))
    })
  const runner = new TaskRunner({ get: () => ({ process }) }, limit, NO_METER, recordedLog().log)
  const run = (taskId: string) => runner.run({ taskId, userId: 'u', taskType: 't', fields: {} })
  return { limit, runner, run, started: () => [...finish.keys()], finish: (id: string) => finish.get(id)!() }
}

describe('a limit on tasks that changes', () => {
  it('lets as many more begin when it has grown', async () => {
    const { limit, run, started, finish } = limitedTo(1)
    const runs = ['a', 'b', 'c', 'd'].map(run)
    limit.current = 3
    finish('a')
    await runs[0]
    expect(started()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lets none begin until enough have ended when it has shrunk', async () => {
    const { limit, runner, run, started, finish } = limitedTo(3)
    const runs = ['a', 'b', 'c', 'd'].map(run)
    limit.current = 1
    expect(runner.freeSlots).toBe(0)
    for (const id of ['a', 'b']) finish(id)
    await Promise.all(runs.slice(0, 2))
    expect(started()).toEqual(['a', 'b', 'c'])
    finish('c')
    await runs[2]
    expect(started()).toEqual(['a', 'b', 'c', 'd'])
    finish('d')
    await runs[3]
    expect(runner.freeSlots).toBe(1)
  })
})
