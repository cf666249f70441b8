import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/processors/failure.ts'
import { decide, type Circumstances } from '../../src/processors/outcome.ts'

const running: Circumstances = { attempt: 1, maxAttempts: 5, lost: false, stopping: false, random: 0.5 }

describe('what happens to a task whose work ended with an error', () => {
  it('is tried again later when the error may pass', () => {
    const failure = new Failure('server', 'the image model failed')
    expect(decide(failure, running)).toEqual({ kind: 'retry', failure, afterMs: 750 })
  })

  it('fails at once when another attempt cannot help', () => {
    const failure = new Failure('invalid_request', 'num_palettes: expected a whole number from 1 to 15')
    expect(decide(failure, running)).toEqual({ kind: 'failed', failure })
  })

  it('fails when its last attempt is used up', () => {
    const failure = new Failure('network', 'the connection failed')
    expect(decide(failure, { ...running, attempt: 5 })).toEqual({ kind: 'failed', failure })
  })

  it('waits longer after each attempt, and never longer than a minute', () => {
    const failure = new Failure('server', 'down')
    const waits = [1, 2, 3, 4, 9].map((attempt) => {
      const verdict = decide(failure, { ...running, attempt, maxAttempts: 10 })
      return verdict.kind === 'retry' ? verdict.afterMs : undefined
    })
    expect(waits).toEqual([750, 1500, 3000, 6000, 45_000])
  })

  it('spreads the waits of many tasks over half of their length', () => {
    const failure = new Failure('server', 'down')
    expect(decide(failure, { ...running, random: 0 })).toMatchObject({ afterMs: 500 })
    expect(decide(failure, { ...running, random: 0.999 })).toMatchObject({ afterMs: 1000 })
  })

  it('waits at least as long as the other side asked for, up to five minutes', () => {
    const patient = new Failure('rate_limited', 'slow down', { retryAfterMs: 20_000 })
    const forever = new Failure('rate_limited', 'slow down', { retryAfterMs: 86_400_000 })
    expect(decide(patient, running)).toMatchObject({ afterMs: 20_000 })
    expect(decide(forever, running)).toMatchObject({ afterMs: 300_000 })
  })

  it('writes nothing when the claim is lost, whatever the error', () => {
    expect(decide(new Failure('server', 'down'), { ...running, lost: true })).toEqual({ kind: 'lost' })
  })

  it('is released, and not failed, when the worker stops', () => {
    expect(decide(new Error('aborted'), { ...running, stopping: true })).toEqual({ kind: 'interrupted' })
  })

  it('hides the text of an error that nobody foresaw', () => {
    const verdict = decide(new TypeError('secret in a stack'), { ...running, attempt: 5 })
    expect(verdict).toMatchObject({ kind: 'failed', failure: { category: 'internal' } })
    expect(verdict.kind === 'failed' && verdict.failure.message).not.toContain('secret')
  })
})
