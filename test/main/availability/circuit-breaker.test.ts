import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CallPlaces } from '../../../src/main/models/call-places.ts'
import { CircuitBreaker } from '../../../src/main/availability/circuit-breaker.ts'

const OPTIONS = { threshold: 3, firstOpenMs: 1_000, maxOpenMs: 4_000, maxRetryAfterMs: 10_000 }
const { signal: patient } = new AbortController()

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function breakerOf(places = new CallPlaces(100)) {
  const changes: [string, number][] = []
  const breaker = new CircuitBreaker(OPTIONS, (state, openMs) => changes.push([state, openMs]))
  /** One call from its leave to its end. */
  const call = async (kind: 'answered' | 'failed' | 'refused' | 'unknown', retryAfterMs?: number) => {
    const pass = await breaker.enter(patient, places)
    pass({ kind, retryAfterMs })
    places.giveBack()
  }
  const fail = async (times: number) => {
    for (let i = 0; i < times; i++) await call('failed')
  }
  return { breaker, changes, places, call, fail }
}

/** What has happened to a promise when everything that can run has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = () => (settled = true)
  promise.then(note, note)
  await vi.advanceTimersByTimeAsync(0)
  return settled
}

describe('a circuit breaker', () => {
  it('opens after a row of failures, and not when an answer comes between them', async () => {
    const { breaker, call, fail } = breakerOf()
    await fail(2)
    await call('answered')
    await fail(2)
    expect(breaker.state).toBe('closed')
    await call('unknown')
    await fail(1)
    expect(breaker.state).toBe('open')
  })

  it('opens at once where every call would be refused', async () => {
    const { breaker, call } = breakerOf()
    await call('refused')
    expect(breaker.state).toBe('open')
  })

  it('lets calls wait while it is open, then one of them probe, and the others after it', async () => {
    const { breaker, fail, places } = breakerOf()
    await fail(3)
    const calls = [1, 2, 3].map(() => breaker.enter(patient, places))
    await vi.advanceTimersByTimeAsync(999)
    expect(await Promise.all(calls.map(isSettled))).toEqual([false, false, false])
    expect(breaker.waiting).toBe(3)
    await vi.advanceTimersByTimeAsync(1)
    expect(breaker.state).toBe('half-open')
    expect(await Promise.all(calls.map(isSettled))).toEqual([true, false, false])
    ;(await calls[0]!)({ kind: 'answered' })
    expect(await Promise.all(calls.map(isSettled))).toEqual([true, true, true])
    expect(breaker).toMatchObject({ state: 'closed', waiting: 0 })
  })

  it('stays open for twice as long after each probe that fails, up to a limit, and as at first after an answer', async () => {
    const { call, changes, fail } = breakerOf()
    await fail(3)
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersToNextTimerAsync()
      await call('failed')
    }
    await vi.advanceTimersToNextTimerAsync()
    await call('answered')
    await fail(3)
    expect(changes.filter(([state]) => state === 'open').map(([, openMs]) => openMs)).toEqual([
      1_000, 2_000, 4_000, 4_000, 1_000,
    ])
  })

  it('stays open as long as the other side asks for, within reason', async () => {
    const { call, changes, fail } = breakerOf()
    await fail(2)
    await call('failed', 7_000)
    await vi.advanceTimersToNextTimerAsync()
    await call('refused', 99_999_999)
    expect(changes).toEqual([
      ['open', 7_000],
      ['half-open', 0],
      ['open', 10_000],
    ])
  })

  it('lets the next one probe when a probe is broken off', async () => {
    const { breaker, call, fail, places } = breakerOf()
    await fail(3)
    await vi.advanceTimersToNextTimerAsync()
    const probe = await breaker.enter(patient, places)
    const next = breaker.enter(patient, places)
    expect(await isSettled(next)).toBe(false)
    probe({ kind: 'unknown' })
    ;(await next)({ kind: 'answered' })
    expect(breaker.state).toBe('closed')
    await call('answered')
  })

  it('hears nothing of calls that began before it opened', async () => {
    const { breaker, fail, places } = breakerOf()
    const early = await Promise.all([1, 2].map(() => breaker.enter(patient, places)))
    await fail(3)
    await vi.advanceTimersToNextTimerAsync()
    const probe = await breaker.enter(patient, places)
    for (const pass of early) pass({ kind: 'failed' })
    expect(breaker.state).toBe('half-open')
    probe({ kind: 'answered' })
    expect(breaker.state).toBe('closed')
  })

  it('lets go of a call that is given up, at once and without leaving a trace', async () => {
    const { breaker, fail, places } = breakerOf()
    await fail(3)
    const stop = new AbortController()
    const reason = new Error('the worker stops')
    const call = breaker.enter(stop.signal, places)
    stop.abort(reason)
    await expect(call).rejects.toBe(reason)
    expect(breaker.waiting).toBe(0)
  })

  it('keeps no place while a call waits for it', async () => {
    const places = new CallPlaces(1)
    const { breaker, fail } = breakerOf(places)
    await fail(3)
    void breaker.enter(patient, places)
    expect(await isSettled(places.take(patient))).toBe(true)
  })

  it('has a call that waited for a place while it opened wait for it after all', async () => {
    const places = new CallPlaces(1)
    const { breaker } = breakerOf(places)
    const first = await breaker.enter(patient, places)
    const second = breaker.enter(patient, places)
    first({ kind: 'refused' })
    places.giveBack()
    expect(await isSettled(second)).toBe(false)
    expect(places.taken).toBe(0)
    await vi.advanceTimersToNextTimerAsync()
    expect(await isSettled(second)).toBe(true)
  })
})

describe('what would need a call, while a circuit breaker is not closed,', () => {
  it('does not begin before it closes when calls are waiting', async () => {
    const { breaker, fail, places } = breakerOf()
    await fail(3)
    const calls = [1, 2].map(() => breaker.enter(patient, places))
    const beginning = breaker.untilCalm(patient)
    await vi.advanceTimersToNextTimerAsync()
    expect(await isSettled(beginning)).toBe(false)
    ;(await calls[0]!)({ kind: 'failed' })
    await vi.advanceTimersToNextTimerAsync()
    expect(await isSettled(beginning)).toBe(false)
    ;(await calls[1]!)({ kind: 'answered' })
    expect(await isSettled(beginning)).toBe(true)
  })

  it('begins after the pause when nothing else is there to probe', async () => {
    const { breaker, fail } = breakerOf()
    await fail(3)
    const beginning = breaker.untilCalm(patient)
    expect(await isSettled(beginning)).toBe(false)
    await vi.advanceTimersToNextTimerAsync()
    expect(await isSettled(beginning)).toBe(true)
  })

  it('begins when the last call that was waiting is given up', async () => {
    const places = new CallPlaces(1)
    const { breaker, fail } = breakerOf(places)
    await fail(3)
    const stop = new AbortController()
    const call = breaker.enter(stop.signal, places)
    await places.take(patient)
    const beginning = breaker.untilCalm(patient)
    await vi.advanceTimersToNextTimerAsync()
    expect(await isSettled(beginning)).toBe(false)
    stop.abort(new Error('cancelled'))
    await expect(call).rejects.toThrow('cancelled')
    expect(await isSettled(beginning)).toBe(true)
  })
})

describe('what would need a call, while a circuit breaker is half-open and no call waits,', () => {
  /** A half-open breaker, and the beginnings that wait for it, in their order; each is noted when it begins. */
  async function heldBeginnings(count: number) {
    const tested = breakerOf()
    await tested.fail(3)
    const begun: number[] = []
    const ends: (() => void)[] = []
    const hold = async (n: number) => {
      while (!tested.breaker.isCalm) await tested.breaker.untilCalm(patient)
      begun.push(n)
      ends[n] = tested.breaker.begin()
    }
    for (let n = 0; n < count; n++) void hold(n)
    await vi.advanceTimersByTimeAsync(1_000)
    return { ...tested, begun, ends }
  }

  it('begins alone, and the others when its call is answered', async () => {
    const { breaker, places, begun } = await heldBeginnings(4)
    expect(begun).toEqual([0])
    const pass = await breaker.enter(patient, places)
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual([0])
    pass({ kind: 'answered' })
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual([0, 1, 2, 3])
  })

  it('keeps the others back when its call fails, and one of them is the next to find out', async () => {
    const { call, begun, ends } = await heldBeginnings(3)
    await call('failed')
    ends[0]!()
    await vi.advanceTimersByTimeAsync(1_999)
    expect(begun).toEqual([0])
    await vi.advanceTimersByTimeAsync(1)
    expect(begun).toEqual([0, 1])
    // The first one's end is past: it lets in nobody.
    ends[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual([0, 1])
  })

  it('lets in the next when it ends without a call', async () => {
    const { begun, ends } = await heldBeginnings(3)
    ends[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual([0, 1])
    ends[1]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual([0, 1, 2])
  })

  it('lets in the next when it has waited elsewhere for as long as the breaker was open', async () => {
    const { begun } = await heldBeginnings(3)
    await vi.advanceTimersByTimeAsync(999)
    expect(begun).toEqual([0])
    await vi.advanceTimersByTimeAsync(1)
    expect(begun).toEqual([0, 1])
  })
})

describe('places for calls', () => {
  it('are handed on in the order of arrival, past those who left', async () => {
    const places = new CallPlaces(1)
    await places.take(patient)
    const stop = new AbortController()
    const order: string[] = []
    const left = places.take(stop.signal)
    const waiting = ['b', 'c'].map((name) => places.take(patient).then(() => order.push(name)))
    stop.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    places.giveBack()
    await waiting[0]
    expect(order).toEqual(['b'])
    places.giveBack()
    await waiting[1]
    places.giveBack()
    expect([order, places.taken]).toEqual([['b', 'c'], 0])
  })
})
