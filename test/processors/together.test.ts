import { describe, expect, it } from 'vitest'
import { together } from '../../src/processors/together.ts'

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

describe('work done at the same time', () => {
  it('gives all results in their order', async () => {
    const { signal } = new AbortController()
    expect(await together(signal, [async () => 'a', async () => 2])).toEqual(['a', 2])
  })

  it('stops the others when one fails, and ends only when all have', async () => {
    const ended: string[] = []
    const { signal } = new AbortController()
    const work = together(signal, [
      () => Promise.reject(new Error('first')),
      async (siblings) => {
        await never(siblings).catch(() => undefined)
        ended.push('second')
        throw new Error('second')
      },
    ])
    await expect(work).rejects.toThrow('first')
    expect(ended).toEqual(['second'])
  })

  it('does not begin where its caller has stopped before', async () => {
    const work = together(AbortSignal.abort(new Error('the worker stops')), [
      (siblings) => {
        siblings.throwIfAborted()
        return Promise.resolve()
      },
    ])
    await expect(work).rejects.toThrow('the worker stops')
  })

  it('stops when its caller does', async () => {
    const abort = new AbortController()
    const work = together(abort.signal, [never, never])
    abort.abort(new Error('the worker stops'))
    await expect(work).rejects.toThrow('the worker stops')
  })
})
