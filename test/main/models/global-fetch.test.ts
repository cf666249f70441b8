import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/main/models/bounded-fetch.ts'
import { withGlobalFetch } from '../../../src/main/models/global-fetch.ts'
import { PNG, serve } from './tested-models.ts'

const saying =
  (text: string): Fetch =>
  async () =>
    new Response(text)

const textOf = async (url: string) => (await fetch(url)).text()

describe('a global fetch that is replaced for some work', () => {
  it('is replaced for all of that work, timers and callbacks too, and for no other at the same time', async () => {
    const { url } = await serve((_, response) => response.end(PNG.toString('hex')))
    const work = (text: string) =>
      withGlobalFetch(saying(text), async () => {
        const first = await textOf(url)
        const later = await new Promise((resolve) => setImmediate(() => resolve(textOf(url))))
        return [first, later]
      })
    const results = await Promise.all([work('one'), textOf(url), work('two')])
    expect(results).toEqual([['one', 'one'], PNG.toString('hex'), ['two', 'two']])
    expect(await textOf(url)).toBe(PNG.toString('hex'))
  })

  it('is as it was after work that failed', async () => {
    const { url } = await serve((_, response) => response.end('network'))
    const reason = new Error('failed')
    await expect(withGlobalFetch(saying('one'), () => Promise.reject(reason))).rejects.toBe(reason)
    expect(await textOf(url)).toBe('network')
  })
})
