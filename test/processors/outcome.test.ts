import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure, type FailureCategory } from '../../src/processors/failure.ts'
import { decide, type Circumstances } from '../../src/processors/outcome.ts'

const running: Circumstances = {
  attempt: 1,
  maxAttempts: 5,
  earlierFailures: [],
  lost: null,
  stopping: false,
  random: 0.5,
}

const PASSING = ['rate_limited', 'model_loading', 'server', 'network', 'storage', 'database'] as const
const FINAL = ['invalid_request', 'auth', 'quota', 'content_policy', 'bad_request', 'invalid_image'] as const

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const retryAfterMs = fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined })

describe('what happens to a task whose work ended with an error', () => {
  it('is tried again later when the error may pass', () => {
    const failure = new Failure('server', 'the image model failed')
    expect(decide(failure, running)).toEqual({ kind: 'retry', failure, afterMs: 500 })
  })

  it('fails at once when another attempt cannot help', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FINAL), retryAfterMs, (category, afterMs) => {
        const failure = new Failure(category, 'no', { retryAfterMs: afterMs })
        expect(decide(failure, running)).toEqual({ kind: 'failed', failure })
      }),
    )
  })

  it('is tried again until its last attempt is used up, and then fails', () => {
    const attempts = fc.integer({ min: 1, max: 100 })
    fc.assert(
      fc.property(fc.constantFrom(...PASSING), attempts, attempts, (category, attempt, maxAttempts) => {
        const verdict = decide(new Failure(category, 'down'), { ...running, attempt, maxAttempts })
        expect(verdict.kind).toBe(attempt < maxAttempts ? 'retry' : 'failed')
      }),
    )
  })

  it.each<[FailureCategory, number, number]>([
    ['timeout', 5, 2],
    ['timeout', 3, 2],
    ['timeout', 12, 4],
    ['timeout', 1, 1],
    ['invalid_output', 5, 3],
    ['invalid_output', 10, 5],
    ['server', 5, 5],
  ])('of category %s and %i attempts at most fails for good the %ith time', (category, maxAttempts, last) => {
    const failure = new Failure(category, 'again')
    const earlierFailures: string[] = []
    let attempt = 1
    while (decide(failure, { ...running, attempt, maxAttempts, earlierFailures }).kind === 'retry') {
      earlierFailures.push(category)
      attempt++
    }
    expect(attempt).toBe(last)
  })

  it('does not count failures of one category for another', () => {
    const earlierFailures = ['timeout', 'invalid_output', 'invalid_output']
    const verdict = decide(new Failure('server', 'down'), { ...running, attempt: 4, earlierFailures })
    expect(verdict.kind).toBe('retry')
  })
})

describe('the wait before another attempt', () => {
  it('is anywhere between nothing and a ceiling that doubles with each attempt, up to a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), random, (attempt, share) => {
        const verdict = decide(new Failure('server', 'down'), {
          ...running,
          attempt,
          maxAttempts: 100,
          random: share,
        })
        const ceilingMs = Math.min(60_000, 1_000 * 2 ** (attempt - 1))
        expect(verdict).toMatchObject({ kind: 'retry', afterMs: Math.round(share * ceilingMs) })
      }),
    )
  })

  it('is never shorter than the other side asked for, nor longer than five minutes more than our own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), random, (askedMs, share) => {
        const failure = new Failure('rate_limited', 'slow down', { retryAfterMs: askedMs })
        const verdict = decide(failure, { ...running, random: share })
        const afterMs = verdict.kind === 'retry' ? verdict.afterMs : NaN
        expect(afterMs).toBeGreaterThanOrEqual(Math.min(askedMs, 300_000))
        expect(afterMs).toBeLessThanOrEqual(Math.min(askedMs, 300_000) + 1_000)
      }),
    )
  })
})

describe('a task whose work was told to stop', () => {
  const failure = new Failure('server', 'down')

  it.each(['taken', 'expired'] as const)('writes nothing when its claim was %s', (lost) => {
    expect(decide(failure, { ...running, lost, stopping: true })).toEqual({ kind: 'lost' })
  })

  it('ends as cancelled when it was cancelled', () => {
    expect(decide(failure, { ...running, lost: 'cancelled', attempt: 5 })).toEqual({ kind: 'cancelled' })
  })

  it('is released, and not failed, when the worker stops', () => {
    expect(decide(failure, { ...running, attempt: 5, stopping: true })).toEqual({ kind: 'interrupted' })
  })

  it('is released when Postgres did not take the renewals of its lease', () => {
    expect(decide(failure, { ...running, attempt: 5, lost: 'unreachable' })).toEqual({ kind: 'interrupted' })
  })
})

describe('an error that nobody foresaw', () => {
  it('does not show its text', () => {
    const verdict = decide(new TypeError('secret in a stack'), { ...running, attempt: 5 })
    expect(verdict).toMatchObject({ kind: 'failed', failure: { category: 'internal' } })
    expect(verdict.kind === 'failed' && verdict.failure.message).not.toContain('secret')
  })
})
