import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { HuggingFaceModels, type ModelOptions } from '../../../src/main/models/hugging-face.ts'
import { bodyOf } from '../../setup/http-server.ts'
import {
  generate,
  OPTIONS,
  palettesOf,
  PNG,
  publicDownload,
  refine,
  routedModels,
  serve,
  stopped,
  TARGET,
  type Seen,
} from './tested-models.ts'

/** Complete, as the client asks of providers. */
const chat = {
  id: '1',
  created: 1,
  model: 'x',
  choices: [{ message: { role: 'assistant', content: '{"palettes":[{}]}' } }],
  usage: { total_tokens: 1 },
}

/** An endpoint that answers calls of every task, and what it was asked. */
async function endpoint() {
  const seen: { url: string | undefined; body: Record<string, unknown> }[] = []
  const { url } = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      seen.push({ url: request.url, body: JSON.parse(body.toString()) as Record<string, unknown> })
      if (request.url?.endsWith('/chat/completions'))
        answer(response, 'application/json', JSON.stringify(chat))
      else answer(response, 'image/png', PNG)
    })
  })
  return { url, seen }
}

const answer = (response: ServerResponse, type: string, body: string | Buffer) =>
  response.setHeader('content-type', type).end(body)

function modelsWith(options: Partial<ModelOptions>): HuggingFaceModels {
  return stopped(new HuggingFaceModels({ ...OPTIONS, endpointUrl: null, ...options }, publicDownload()))
}

describe('the calls of a task', () => {
  it('go to its own endpoint, or else to the one of all models, with its own parameters', async () => {
    const [all, images] = await Promise.all([endpoint(), endpoint()])
    const models = modelsWith({
      endpointUrl: `${all.url}/all`,
      image: {
        ...TARGET,
        model: 'a/image',
        endpointUrl: `${images.url}/images?v=2`,
        parameters: { width: 512, steps: 9 },
      },
      edit: { ...TARGET, model: 'a/edit', parameters: { strength: 0.4 } },
      palette: { ...TARGET, model: 'a/chat', parameters: { temperature: 0.2, max_tokens: 77 } },
    })
    await generate(models)
    await refine(models)
    await palettesOf(models)
    expect(images.seen).toMatchObject([
      { url: '/images?v=2', body: { parameters: { width: 512, steps: 9, seed: 7 } } },
    ])
    expect(images.seen[0]!.body.parameters).not.toHaveProperty('height')
    expect(all.seen).toMatchObject([
      { url: '/all', body: { parameters: { strength: 0.4, prompt: 'warmer', seed: 9 } } },
      {
        url: '/all/v1/chat/completions',
        body: { model: 'a/chat', temperature: 0.2, max_tokens: 77, seed: 7 },
      },
    ])
  })

  it.each([
    ['/v1', '/v1/chat/completions'],
    ['/v1/chat/completions', '/v1/chat/completions'],
  ])('for palettes find the chat of an endpoint that ends in %s', async (path, asked) => {
    const { url, seen } = await endpoint()
    await palettesOf(modelsWith({ endpointUrl: url + path }))
    expect(seen[0]!.url).toBe(asked)
  })

  it('go to the provider that is named for it, though the hub lists another first', async () => {
    const isHub = ({ host }: Seen) => host === 'huggingface.co'
    const offer = (provider: string) => ({
      providerId: `${provider}/x`,
      status: 'live',
      task: 'text-to-image',
    })
    const target = { ...TARGET, model: 'named/provider', provider: 'nscale' as const }
    const { models, seen } = await routedModels(
      'named/provider',
      (asked) => ({
        body: isHub(asked)
          ? { inferenceProviderMapping: { together: offer('together'), nscale: offer('nscale') } }
          : { data: [{ b64_json: PNG.toString('base64') }] },
      }),
      { image: target },
    )
    await generate(models)
    expect(seen.find((asked) => !isHub(asked))!.url).toMatch(/^\/nscale\//)
  })

  it('for palettes are routed to the named provider, or left to the router', async () => {
    for (const [provider, path] of [
      [null, /^\/v1\//],
      ['hf-inference', /^\/hf-inference\//],
    ] as const) {
      const { models, seen } = await routedModels(
        'some/chat',
        ({ host }) => ({
          body:
            host === 'huggingface.co'
              ? {
                  inferenceProviderMapping: {
                    'hf-inference': { providerId: 'some/chat', status: 'live', task: 'conversational' },
                  },
                }
              : chat,
        }),
        { palette: { ...TARGET, model: 'some/chat', provider } },
      )
      await palettesOf(models)
      expect(seen.at(-1)!.url).toMatch(path)
      expect(seen.at(-1)!.body.model).toBe('some/chat')
    }
  })
})
