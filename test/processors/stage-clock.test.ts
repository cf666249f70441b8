import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/processors/failure.ts'
import { coveredMs, StageClock, type StageTiming } from '../../src/processors/stage-clock.ts'

function clockWithLog(signal = new AbortController().signal) {
  const heard: StageTiming[] = []
  const watch = {
    get aborted() {
      return signal.aborted
    },
    ended: (timing: StageTiming) => heard.push(timing),
  }
  return { heard, clock: new StageClock(watch) }
}

describe('the timings of a task', () => {
  it('count a stage without steps as running all the time', async () => {
    const { clock } = clockWithLog()
    await clock.stage('store_image', () => Promise.resolve())
    expect(clock.timings()).toMatchObject([
      { stage: 'store_image', step: null, waitMs: 0, outcome: 'ok', errorCode: null },
    ])
  })

  it('tell the time in the queue from the time of the work', async () => {
    const { clock } = clockWithLog()
    await clock.stage('prepare_image', (steps) =>
      steps.queued('decode', null, async () => {
        const until = performance.now() + 5
        while (performance.now() < until);
        return { value: 1, waitMs: 4, runMs: 1, restMs: 0 }
      }),
    )
    const [step, stage] = clock.timings()
    expect(step).toMatchObject({ step: 'decode', runMs: 1 })
    expect(step?.waitMs).toBeGreaterThanOrEqual(4)
    expect(stage?.runMs).toBeCloseTo(1, 5)
    expect(stage!.waitMs).toBeGreaterThanOrEqual(step!.waitMs)
  })

  it('end a step when its work did, though its thread delivered the result later', async () => {
    const { clock } = clockWithLog()
    await clock.stage('create_variations', (steps) => {
      const recolour = (item: number, restMs: number) =>
        steps.queued('recolour', item, async () => {
          const until = performance.now() + 20
          while (performance.now() < until);
          return { value: item, waitMs: 0, runMs: 5, restMs }
        })
      return Promise.all([recolour(0, 10), recolour(1, 5), recolour(2, 0)])
    })
    const [first, second, third, stage] = clock.timings()
    for (const step of [first, second, third]) expect(step?.runMs).toBeCloseTo(5, 5)
    expect(first!.waitMs).toBeGreaterThanOrEqual(5)
    // One after the other.
    expect(stage!.runMs).toBeGreaterThan(14)
  })

  it('tell a step from another whose thread went on with it', async () => {
    const { clock } = clockWithLog()
    await clock.stage('prepare_image', async (steps) => {
      await steps.queued('decode', null, async () => {
        const until = performance.now() + 20
        while (performance.now() < until);
        return { value: 1, waitMs: 2, runMs: 6, restMs: 9 }
      })
      steps.took('analyse', null, { value: 1, waitMs: 0, runMs: 9, restMs: 0 })
    })
    const [decode, analyse, stage] = clock.timings()
    expect(decode!.runMs).toBeCloseTo(6, 5)
    expect(analyse).toMatchObject({ step: 'analyse', outcome: 'ok' })
    expect(analyse!.runMs).toBeCloseTo(9, 5)
    expect(stage!.runMs).toBeGreaterThan(14)
  })

  it('tell the wait for a turn from what came after it, however that ended', async () => {
    const { clock } = clockWithLog()
    const failure = new Failure('server', 'the image model failed')
    const stage = (work: (onStart: () => void) => Promise<void>) =>
      clock.stage('generate_image', (steps) => steps.inTurn('call', null, work)).catch(() => undefined)
    await stage(async (onStart) => {
      const until = performance.now() + 5
      while (performance.now() < until);
      onStart()
      throw failure
    })
    await stage(() => Promise.reject(failure))
    const [failed, , neverMade, whole] = clock.timings()
    expect(failed).toMatchObject({ step: 'call', outcome: 'failed', errorCode: 'server' })
    expect(failed!.waitMs).toBeGreaterThanOrEqual(4)
    expect(neverMade).toMatchObject({ step: 'call', outcome: 'failed', runMs: 0 })
    expect(whole).toMatchObject({ step: null, runMs: 0 })
  })

  it('put the stage in front of the message of its error, and keep the category', async () => {
    const { clock, heard } = clockWithLog()
    const failing = clock.stage('refine_image', () =>
      Promise.reject(new Failure('rate_limited', 'the edit model asked to slow down', { retryAfterMs: 7 })),
    )
    await expect(failing).rejects.toMatchObject({
      category: 'rate_limited',
      message: 'refine_image: the edit model asked to slow down',
      retryAfterMs: 7,
      retryable: true,
    })
    expect(heard).toMatchObject([{ stage: 'refine_image', outcome: 'failed', errorCode: 'rate_limited' }])
  })

  it('call a stage aborted, not failed, when the worker stops in its middle', async () => {
    const abort = new AbortController()
    const { clock, heard } = clockWithLog(abort.signal)
    abort.abort(new Error('the worker stops'))
    await expect(clock.stage('generate_image', () => Promise.reject(new Error('x')))).rejects.toThrow('x')
    expect(heard).toMatchObject([{ outcome: 'aborted', errorCode: null }])
  })

  it('tell a stage that took over what an earlier attempt had paid for, unless it fails', async () => {
    const { clock } = clockWithLog()
    await clock.stage('generate_image', (steps) => {
      steps.resumed()
      return steps.run('read', null, () => Promise.resolve())
    })
    const failing = clock.stage('generate_palettes', (steps) => {
      steps.resumed()
      return Promise.reject(new Failure('storage', 'x'))
    })
    await expect(failing).rejects.toThrow('x')
    expect(clock.timings().map(({ stage, step, outcome }) => [stage, step, outcome])).toEqual([
      ['generate_image', 'read', 'ok'],
      ['generate_image', null, 'resumed'],
      ['generate_palettes', null, 'failed'],
    ])
  })

  it('include the stage that stores them, up to that moment', async () => {
    const { clock } = clockWithLog()
    await clock.stage('store_concept', async () => {
      expect(clock.timings()).toMatchObject([{ stage: 'store_concept', outcome: 'ok' }])
      await Promise.resolve()
    })
    expect(clock.timings()).toHaveLength(1)
  })
})

describe('the time that several steps cover', () => {
  it('counts overlapping steps once and leaves gaps out', () => {
    const covered = coveredMs([
      { fromMs: 10, toMs: 20 },
      { fromMs: 0, toMs: 4 },
      { fromMs: 15, toMs: 30 },
      { fromMs: 16, toMs: 18 },
    ])
    expect(covered).toBe(24)
  })
})
