import { afterEach, describe, expect, it, vi } from 'vitest'
import { failureOf, generate, PNG, refine, routedModels, TOKEN, type Seen } from './tested-models.ts'

const ROUTER = 'router.huggingface.co'
const RESULT = 'http://results.example.com'

afterEach(() => vi.restoreAllMocks())

/** What the hub says about who offers a model. */
const mapping = (provider: string, task: string) => ({
  inferenceProviderMapping: { [provider]: { providerId: `${provider}/some-model`, status: 'live', task } },
})

const isHub = ({ host }: Seen) => host === 'huggingface.co'
const isResult = ({ host }: Seen) => host?.startsWith('results.example.com') ?? false
const resultUrl = (serverUrl: string) => `${RESULT}:${new URL(serverUrl).port}/1.png`

/** A provider with a queue: where it is asked, and what it answers when the image is ready. */
const queues = [
  {
    provider: 'fal-ai',
    accepted: { request_id: '1', status: 'IN_QUEUE', response_url: 'https://queue.fal.run/some/requests/1' },
    answer: ({ url }: Seen, image: string) =>
      url!.includes('/status') ? { status: 'COMPLETED' } : { images: [{ url: image }] },
  },
  {
    provider: 'wavespeed',
    accepted: { data: { id: '1', urls: { get: 'https://api.wavespeed.ai/api/v3/predictions/1/result' } } },
    answer: (_: Seen, image: string) => ({ data: { status: 'completed', outputs: [image] } }),
  },
]

describe.each(queues)('a model of $provider, which has a queue', ({ provider, accepted, answer }) => {
  it.each([
    ['generates', 'text-to-image', generate],
    ['refines', 'image-to-image', refine],
  ])('%s an image: the queue is asked with the token, the result without', async (_, task, call) => {
    const { models, seen } = await routedModels(`${provider}/${task}`, (asked, server) => {
      if (isHub(asked)) return { body: mapping(provider, task) }
      if (isResult(asked)) return { body: PNG }
      return { body: asked.method === 'POST' ? accepted : answer(asked, resultUrl(server)) }
    })
    expect(Buffer.from(await call(models))).toEqual(PNG)

    const polls = seen.filter(({ host, method }) => host === ROUTER && method === 'GET')
    expect(polls.length).toBeGreaterThan(0)
    for (const { headers } of polls) expect(headers.authorization).toBe(`Bearer ${TOKEN}`)
    const results = seen.filter(isResult)
    expect(results).toHaveLength(1)
    expect(results[0]!.headers).not.toHaveProperty('authorization')
    expect(results[0]!.headers).toMatchObject({ 'accept-encoding': 'identity' })
  })

  it.each([
    ['a limit of calls', { status: 429, headers: { 'retry-after': '2' }, body: {} }, 'rate_limited', 2_000],
    ['an error', { status: 500, body: {} }, 'server', undefined],
    ['a redirect', { status: 302, headers: { location: `${RESULT}/` }, body: {} }, 'server', undefined],
    ['something else', { body: Buffer.from('<html>') }, 'invalid_output', undefined],
  ])(
    'whose queue answers with %s has the category of that',
    async (name, inQueue, category, retryAfterMs) => {
      const { models, seen } = await routedModels(`${provider}/${name.replaceAll(' ', '-')}`, (asked) => {
        if (isHub(asked)) return { body: mapping(provider, 'text-to-image') }
        return asked.method === 'POST' ? { body: accepted } : inQueue
      })
      expect(await failureOf(generate(models))).toMatchObject({ category, retryAfterMs })
      expect(seen.filter(isResult)).toEqual([])
    },
  )

  it('whose result is on this machine is refused', async () => {
    const { models, seen } = await routedModels(`${provider}/private`, (asked, server) => {
      if (isHub(asked)) return { body: mapping(provider, 'text-to-image') }
      return { body: asked.method === 'POST' ? accepted : answer(asked, `${server}/secret`) }
    })
    expect((await failureOf(generate(models))).category).toBe('invalid_output')
    expect(seen.filter(({ url }) => url === '/secret')).toEqual([])
  })
})

describe('a model of replicate, which answers with a URL', () => {
  it.each([
    ['text-to-image', generate],
    ['image-to-image', refine],
  ])('has it fetched through the guarded download: %s', async (task, call) => {
    const { models, seen } = await routedModels(`replicate/${task}`, (asked, server) => {
      if (isHub(asked)) return { body: mapping('replicate', task) }
      return { body: isResult(asked) ? PNG : { output: [resultUrl(server)] } }
    })
    expect(Buffer.from(await call(models))).toEqual(PNG)
    expect(seen.find(isResult)!.headers).not.toHaveProperty('authorization')
  })

  it('has one that leads to this machine refused: image-to-image', async () => {
    const { models, seen } = await routedModels('replicate/private', (asked, server) => {
      if (isHub(asked)) return { body: mapping('replicate', 'image-to-image') }
      return asked.url === '/secret' ? { body: PNG } : { body: { output: `${server}/secret` } }
    })
    expect((await failureOf(refine(models))).category).toBe('invalid_output')
    expect(seen.filter(({ url }) => url === '/secret')).toEqual([])
  })
})

describe.each(['together', 'deepinfra', 'nscale'])('a model of %s, which answers with base64', (provider) => {
  it('has its image unpacked, and nothing else is fetched', async () => {
    const { models, seen } = await routedModels(`${provider}/base64`, (asked) => ({
      body: isHub(asked)
        ? mapping(provider, 'text-to-image')
        : { data: [{ b64_json: PNG.toString('base64') }] },
    }))
    expect(Buffer.from(await generate(models))).toEqual(PNG)
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'POST'])
  })
})

describe('a routed model', () => {
  it.each([
    ['nobody', {}],
    ['only for another task', mapping('together', 'text-to-video')],
  ])('that is offered by %s is a mistake of the request, not to be tried again', async (name, offered) => {
    const { models } = await routedModels(`offered/${name.replaceAll(' ', '-')}`, () => ({
      body: { inferenceProviderMapping: {}, ...offered },
    }))
    expect(await failureOf(generate(models))).toMatchObject({ category: 'bad_request', retryable: false })
  })

  it('leaves the console to the log of the worker', async () => {
    const written = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name),
    )
    const { models } = await routedModels('together/quiet', (asked) => ({
      body: isHub(asked)
        ? mapping('together', 'text-to-image')
        : { data: [{ b64_json: PNG.toString('base64') }] },
    }))
    await generate(models)
    for (const method of written) expect(method).not.toHaveBeenCalled()
  })
})
