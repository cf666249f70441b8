import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SilenceWatch } from '../../../src/main/intake/silence-watch.ts'
import { recordedLog } from '../../setup/recorded-log.ts'

const TIMES = { silentMs: 30_000, maxSilentMs: 600_000 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A watch that finds work waiting whenever it asks; `reopened` counts what came of it. */
function startedWatch() {
  const seen = { reopened: 0 }
  const stream = {
    isExpecting: () => true,
    isWorkWaiting: () => Promise.resolve(true),
    reopen: () => void seen.reopened++,
  }
  const watch = new SilenceWatch(stream, TIMES, recordedLog().log)
  watch.start()
  return { watch, seen }
}

describe('a stream that brings nothing', () => {
  it('is looked into after ever longer silence where nothing comes of it', async () => {
    const { watch, seen } = startedWatch()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(seen.reopened).toBe(1)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(seen.reopened).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(seen.reopened).toBe(2)
    watch.stop()
  })

  it('is looked into as soon as ever when a message has come since', async () => {
    const { watch, seen } = startedWatch()
    await vi.advanceTimersByTimeAsync(30_000 + 60_000 + 120_000)
    expect(seen.reopened).toBe(3)
    watch.heard()
    await vi.advanceTimersByTimeAsync(20_000)
    watch.heard()
    await vi.advanceTimersByTimeAsync(29_999)
    expect(seen.reopened).toBe(3)
    await vi.advanceTimersByTimeAsync(1)
    expect(seen.reopened).toBe(4)
    watch.stop()
  })
})
