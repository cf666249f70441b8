import { describe, expect, it } from 'vitest'
import { TaskRunner } from '../../../src/main/intake/task-runner.ts'
import type { Interruption } from '../../../src/processors/interruption.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'
import type { ClaimedTask, TaskReference } from '../../../src/processors/task.ts'
import { NO_METER } from '../../setup/no-meter.ts'
import { recordedLog } from '../../setup/recorded-log.ts'

const reference = (taskId: string): TaskReference => ({ taskId, userId: 'u', taskType: 't', fields: {} })

const claimOf = (id: string): ClaimedTask => ({
  id,
  userId: 'u',
  type: 't',
  epoch: '2',
  attempt: 2,
  attemptsBefore: 0,
  maxAttempts: 5,
  earlierFailures: [],
  lost: new AbortController().signal,
})

/** Processors whose tasks end when the test says so; one that the worker's stop has reached is released at once. */
function controlledProcessors() {
  const started: string[] = []
  const finish = new Map<string, () => void>()
  const processors = {
    get: () => ({
      process: ({ taskId }: TaskReference, stopping: Interruption, _: () => void, claimed?: ClaimedTask) =>
        new Promise<Outcome>((resolve) => {
          started.push(claimed ? `${taskId} claimed` : taskId)
          finish.set(taskId, () => resolve({ kind: 'completed', resultId: taskId }))
          if (stopping.aborted) resolve({ kind: 'interrupted' })
        }),
    }),
  }
  return { processors, started, finish: (taskId: string) => finish.get(taskId)!() }
}

describe('a task that the reaper has claimed', () => {
  it('goes before those that wait for their turn unclaimed', async () => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 1 }, NO_METER, recordedLog().log)
    const runs = [runner.run(reference('a')), runner.run(reference('b'))]
    runs.push(runner.run(reference('c'), claimOf('c')))
    finish('a')
    await expect.poll(() => started).toEqual(['a', 'c claimed'])
    finish('c')
    await expect.poll(() => started).toEqual(['a', 'c claimed', 'b'])
    finish('b')
    expect(await Promise.all(runs)).toHaveLength(3)
  })

  it('goes after those that were claimed before it', async () => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 1 }, NO_METER, recordedLog().log)
    const runs = [runner.run(reference('a')), runner.run(reference('b'))]
    for (const id of ['c', 'd', 'e']) runs.push(runner.run(reference(id), claimOf(id)))
    for (const id of ['a', 'c', 'd', 'e', 'b']) {
      await expect.poll(() => started.at(-1)?.at(0)).toBe(id)
      finish(id)
    }
    expect(await Promise.all(runs)).toHaveLength(5)
  })

  it('is begun once the work under its older claim has ended', async () => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 5 }, NO_METER, recordedLog().log)
    const older = runner.run(reference('a'))
    const newer = runner.run(reference('a'), claimOf('a'))
    expect(started).toEqual(['a'])
    finish('a')
    await older
    await expect.poll(() => started).toEqual(['a', 'a claimed'])
    finish('a')
    expect(await newer).toEqual({ kind: 'completed', resultId: 'a' })
  })

  it('is given back when the worker stops before its turn', async () => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 1 }, NO_METER, recordedLog().log)
    const running = runner.run(reference('a'))
    const waiting = runner.run(reference('b'), claimOf('b'))
    const drained = runner.drain(60_000)
    expect(await waiting).toEqual({ kind: 'interrupted' })
    expect(await runner.run(reference('c'), claimOf('c'))).toEqual({ kind: 'interrupted' })
    expect(started).toEqual(['a', 'b claimed', 'c claimed'])
    finish('a')
    await running
    await drained
  })
})
