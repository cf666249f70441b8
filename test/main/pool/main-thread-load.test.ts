import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { MainThreadLoad } from '../../../src/main/pool/main-thread-load.ts'

describe('the load of the main thread', () => {
  it('is saturated while there is always something to do, and not any more when there is not', async () => {
    const load = new MainThreadLoad()
    expect(load.isSaturated).toBe(false)
    const spin = () => {
      for (const untilMs = performance.now() + 50; performance.now() < untilMs;);
    }
    while (!load.isSaturated) {
      spin()
      await turn()
    }
    await expect.poll(() => load.isSaturated).toBe(false)
    load.stop()
  })
})
