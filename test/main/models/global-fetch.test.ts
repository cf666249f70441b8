import { InferenceClient } from '@huggingface/inference'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/main/models/bounded-fetch.ts'
import { replaceGlobalFetch } from '../../../src/main/models/global-fetch.ts'
import { guardFetch, serve } from './tested-models.ts'

const saying =
  (text: string): Fetch =>
  async () =>
    new Response(text)

const textOf = async (url: string, signal?: AbortSignal) =>
  (await fetch(url, signal ? { signal } : {})).text()

const replacedBy = (text: string) => {
  const { signal } = new AbortController()
  replaceGlobalFetch(signal, saying(text))
  return signal
}

describe('a global fetch that is replaced for some calls', () => {
  beforeEach(guardFetch)

  it('is replaced wherever the signal of such a call is given, and refused everywhere else', async () => {
    const seen: (string | undefined)[] = []
    const { url } = await serve((request, response) => {
      seen.push(request.url)
      response.end()
    })
    const [one, two] = [replacedBy('one'), replacedBy('two')]
    const texts = [one, two, one].map((signal) => textOf(url, signal))
    expect(await Promise.all(texts)).toEqual(['one', 'two', 'one'])
    for (const other of [undefined, new AbortController().signal]) {
      await expect(textOf(url, other)).rejects.toThrow('name the call')
    }
    expect(seen).toEqual([])
  })

  it('refuses what the model client fetches for no known call', async () => {
    const seen: (string | undefined)[] = []
    const { url } = await serve((request, response) => {
      seen.push(request.url)
      response.end()
    })
    const call = new InferenceClient('').textToImage(
      { model: 'some/model', inputs: 'a fox', endpointUrl: url },
      { fetch: async () => Response.json({ output: [`${url}/result`] }), outputType: 'blob' },
    )
    await expect(call).rejects.toThrow('name the call')
    expect(seen).toEqual([])
  })
})
