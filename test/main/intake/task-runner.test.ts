import { describe, expect, it } from 'vitest'
import { TaskRunner } from '../../../src/main/intake/task-runner.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { Interruption } from '../../../src/processors/interruption.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'
import type { TaskReference } from '../../../src/processors/task.ts'
import { NO_METER } from '../../setup/no-meter.ts'
import { recordedLog } from '../../setup/recorded-log.ts'

const reference = (taskId: string): TaskReference => ({ taskId, userId: 'u', taskType: 't', fields: {} })

/** Processors whose tasks end when the test says so, or when the worker stops. */
function controlledProcessors() {
  const started: string[] = []
  const claim = new Map<string, () => void>()
  const finish = new Map<string, () => void>()
  const processors = {
    get: () => ({
      process: ({ taskId }: TaskReference, stopping: Interruption, onClaimed: () => void) =>
        new Promise<Outcome>((resolve) => {
          started.push(taskId)
          claim.set(taskId, onClaimed)
          finish.set(taskId, () => resolve({ kind: 'completed', resultId: taskId }))
          stopping.signal.addEventListener('abort', () => resolve({ kind: 'interrupted' }))
        }),
    }),
  }
  return {
    processors,
    started,
    claim: (taskId: string) => claim.get(taskId)!(),
    finish: (taskId: string) => finish.get(taskId)!(),
  }
}

describe('the tasks of a worker', () => {
  it('run up to the limit; the next starts when one ends, in the order of arrival', async () => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 2 }, NO_METER, recordedLog().log)
    const runs = ['a', 'b', 'c', 'd'].map((id) => runner.run(reference(id)))
    expect(started).toEqual(['a', 'b'])
    expect(runner.freeSlots).toBe(0)
    finish('b')
    await runs[1]
    await expect.poll(() => started).toEqual(['a', 'b', 'c'])
    finish('a')
    await runs[0]
    await expect.poll(() => started).toEqual(['a', 'b', 'c', 'd'])
    finish('c')
    finish('d')
    expect(await Promise.all(runs)).toContainEqual({ kind: 'completed', resultId: 'd' })
    expect(runner.freeSlots).toBe(2)
  })

  it('are each handled once at a time', async () => {
    const { processors, started, claim, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 5 }, NO_METER, recordedLog().log)
    const first = runner.run(reference('a'))
    claim('a')
    expect(await runner.run(reference('a'))).toEqual({ kind: 'skipped', reason: 'held' })
    finish('a')
    await first
    expect(started).toEqual(['a'])
  })

  it('are not said to be held before they are claimed: a message would be acknowledged that alone knows of them', async () => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 1 }, NO_METER, recordedLog().log)
    const busy = runner.run(reference('a'))
    const deliveries = [runner.run(reference('b')), runner.run(reference('b'))]
    const drained = runner.drain(60_000)
    expect(await Promise.all(deliveries)).toEqual([{ kind: 'interrupted' }, { kind: 'interrupted' }])
    finish('a')
    await Promise.all([busy, drained])
    expect(started).toEqual(['a'])
  })

  it.each([
    ['another user names them', { userId: 'mallory' }],
    ['they are named as another type', { taskType: 'other' }],
  ])('are not mistaken for second deliveries when %s first', async (_name, difference) => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 5 }, NO_METER, recordedLog().log)
    const forged = runner.run({ ...reference('a'), ...difference })
    const real = runner.run(reference('a'))
    finish('a')
    await forged
    await expect.poll(() => started).toEqual(['a', 'a'])
    finish('a')
    expect(await real).toEqual({ kind: 'completed', resultId: 'a' })
  })

  it('get time to end when the worker stops, and those in the queue are never started', async () => {
    const { processors, started, finish } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 1 }, NO_METER, recordedLog().log)
    const running = runner.run(reference('a'))
    const waiting = runner.run(reference('b'))
    const drained = runner.drain(60_000)
    expect(await waiting).toEqual({ kind: 'interrupted' })
    expect(await runner.run(reference('c'))).toEqual({ kind: 'interrupted' })
    finish('a')
    expect(await running).toEqual({ kind: 'completed', resultId: 'a' })
    await drained
    expect(started).toEqual(['a'])
  })

  it('are interrupted when they do not end in that time', async () => {
    const { processors } = controlledProcessors()
    const runner = new TaskRunner(processors, { current: 1 }, NO_METER, recordedLog().log)
    const running = runner.run(reference('a'))
    await runner.drain(0)
    expect(await running).toEqual({ kind: 'interrupted' })
  })

  it.each([
    ['invalid_request', 'info'],
    ['original_unavailable', 'info'],
    ['invalid_image', 'info'],
    ['content_policy', 'info'],
    ['auth', 'error'],
    ['bad_request', 'error'],
    ['storage', 'error'],
  ] as const)('that fail as %s are logged as %s: an error is for an operator', async (category, level) => {
    const { log, lines } = recordedLog()
    const failure = new Failure(category, 'num_palettes: expected 1 to 15', { cause: new Error('a stack') })
    const failing = { get: () => ({ process: () => Promise.resolve({ kind: 'failed' as const, failure }) }) }
    await new TaskRunner(failing, { current: 1 }, NO_METER, log).run(reference('a'))
    const fields = { taskId: 'a', errorCode: category, errorMessage: failure.message }
    const expected = level === 'error' ? { ...fields, err: failure.cause } : fields
    expect(lines).toEqual([{ level, message: 'task failed', fields: expected }])
  })

  it('leave the others alone when a processor breaks', async () => {
    const { log, lines } = recordedLog()
    const broken = { get: () => ({ process: () => Promise.reject(new Error('bug')) }) }
    const runner = new TaskRunner(broken, { current: 1 }, NO_METER, log)
    expect(await runner.run(reference('a'))).toMatchObject({ kind: 'unrecorded' })
    expect(await runner.run(reference('b'))).toMatchObject({ kind: 'unrecorded' })
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'a processor threw' }))
  })
})
