import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { HuggingFaceModels } from '../../../src/main/models/hugging-face.ts'
import { Failure } from '../../../src/processors/failure.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../../setup/http-server.ts'

type Seen = { url: string | undefined; headers: IncomingHttpHeaders; body: Record<string, unknown> }

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const { signal: notStopping } = new AbortController()
const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map(stopHttpServer))
})

async function modelsAt(listener: RequestListener, timeoutMs = 10_000): Promise<HuggingFaceModels> {
  const { url, server } = await startHttpServer(listener)
  servers.push(server)
  return new HuggingFaceModels({
    token: 'hf_canary',
    endpointUrl: url,
    imageModel: 'a/image',
    editModel: 'a/edit',
    paletteModel: 'a/chat',
    timeoutMs,
  })
}

/** Models whose server answers every call the same way; and what it was asked. */
async function answering(status: number, headers: Record<string, string>, answer: string | Buffer) {
  const seen: Seen[] = []
  const models = await modelsAt((request, response) => {
    void bodyOf(request).then((body) => {
      seen.push({
        url: request.url,
        headers: request.headers,
        body: JSON.parse(body.toString()) as Record<string, unknown>,
      })
      response.writeHead(status, headers).end(answer)
    })
  })
  return { models, seen }
}

const generate = (models: HuggingFaceModels, signal = notStopping) =>
  models.generateImage({ prompt: 'a fox', seed: 7 }, signal)

const palettesOf = (models: HuggingFaceModels) =>
  models.suggestPalettes(
    {
      logoDescription: 'a fox',
      themeDescription: 'autumn',
      swatches: [{ name: 'Vibrant', hex: '#FF8800', share: 0.42 }],
      count: 3,
      seed: 7,
    },
    notStopping,
  )

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Failure) return error
  throw new Error('expected a Failure', { cause: error })
}

describe('a model call', () => {
  it('asks for an image with prompt, seed and size, and returns its bytes', async () => {
    const { models, seen } = await answering(200, { 'content-type': 'image/png' }, PNG)
    expect(Buffer.from(await generate(models))).toEqual(PNG)
    expect(seen).toMatchObject([
      {
        headers: { authorization: 'Bearer hf_canary' },
        body: { inputs: 'a fox', parameters: { seed: 7, width: 1024, height: 1024 } },
      },
    ])
  })

  it('sends the image to refine as base64, with the instruction', async () => {
    const { models, seen } = await answering(200, { 'content-type': 'image/png' }, PNG)
    const image = { bytes: new Uint8Array(PNG), contentType: 'image/png', width: 1, height: 1 } as const
    await models.refineImage({ image, prompt: 'warmer', seed: 9 }, notStopping)
    expect(seen[0]?.body).toMatchObject({
      inputs: PNG.toString('base64'),
      parameters: { prompt: 'warmer', seed: 9 },
    })
  })

  it('tells the palette model the theme, the logo and the swatches, and asks for JSON', async () => {
    const content = JSON.stringify({ palettes: [{ name: 'one' }] })
    const { models, seen } = await answering(
      200,
      { 'content-type': 'application/json' },
      JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }),
    )
    expect(await palettesOf(models)).toEqual([{ name: 'one' }])
    expect(seen[0]?.url).toBe('/v1/chat/completions')
    expect(seen[0]?.body).toMatchObject({ response_format: { type: 'json_schema' } })
    const asked = JSON.stringify(seen[0]?.body.messages)
    for (const part of ['3 palettes', 'autumn', 'a fox', 'Vibrant #FF8800 (42 %)'])
      expect(asked).toContain(part)
  })
})

describe('a model that misbehaves', () => {
  it.each<[string, number, Record<string, string>, string, string]>([
    ['an empty answer', 200, { 'content-type': 'image/png' }, '', 'invalid_output'],
    [
      'JSON instead of an image',
      200,
      { 'content-type': 'application/json' },
      '{"error":"x"}',
      'invalid_output',
    ],
    ['broken JSON', 200, { 'content-type': 'application/json' }, '{', 'invalid_output'],
    ['a redirect', 302, { location: 'http://127.0.0.1:1/' }, '', 'server'],
    ['a refusal of the token', 401, {}, 'hf_canary is bad', 'auth'],
    ['an empty account', 402, {}, '', 'quota'],
    ['a limit of calls', 429, { 'retry-after': '7' }, '', 'rate_limited'],
    ['an error of its own', 500, { 'content-type': 'application/json' }, '{"error":"boom"}', 'server'],
    ['an HTML page as an error', 502, { 'content-type': 'text/html' }, '<html>', 'server'],
  ])('with %s has a category, and no secret in its message', async (_, status, headers, answer, category) => {
    const { models, seen } = await answering(status, headers, answer)
    const failure = await failureOf(generate(models))
    expect(failure.category).toBe(category)
    expect(failure.message).not.toMatch(/canary|fox|boom|127\.0/)
    expect(seen).toHaveLength(1)
  })

  it('with 503 is called once: trying again is the task’s business', async () => {
    const { models, seen } = await answering(503, {}, '{"estimated_time": 20}')
    expect(await failureOf(generate(models))).toMatchObject({
      category: 'model_loading',
      retryAfterMs: 20_000,
    })
    expect(seen).toHaveLength(1)
  })

  it('by never answering is given up after the timeout', async () => {
    const models = await modelsAt(() => undefined, 50)
    expect((await failureOf(generate(models))).category).toBe('timeout')
  })

  it('by answering drop by drop is given up after the timeout', async () => {
    const timers: NodeJS.Timeout[] = []
    const models = await modelsAt((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' })
      timers.push(setInterval(() => response.write('.'), 10))
    }, 100)
    expect((await failureOf(generate(models))).category).toBe('timeout')
    timers.forEach(clearInterval)
  })

  it('by hanging up in the middle is a network error', async () => {
    const models = await modelsAt((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': '1000' })
      response.write('x', () => response.destroy())
    })
    expect((await failureOf(generate(models))).category).toBe('network')
  })

  it('by sending without end is cut off at a size limit', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    const models = await modelsAt((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' })
      const pump = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', pump)
      pump()
    })
    expect(await failureOf(generate(models))).toMatchObject({
      category: 'invalid_output',
      message: expect.stringMatching(/more than \d+ bytes/),
    })
  })

  it.each([
    '{}',
    '{"choices":[]}',
    '{"choices":[{"message":{"content":null}}]}',
    '{"choices":[{"message":{"content":"no JSON"}}]}',
    'null',
    '[1]',
    '{"choices":7}',
  ])('by answering a palette request with %s is invalid output', async (answer) => {
    const { models } = await answering(200, { 'content-type': 'application/json' }, answer)
    expect((await failureOf(palettesOf(models))).category).toBe('invalid_output')
  })
})

describe('a model call in progress', () => {
  it('ends at once when the worker stops, with the worker’s own reason', async () => {
    const stop = new AbortController()
    const reason = new Error('the worker stops')
    const models = await modelsAt(() => stop.abort(reason))
    await expect(generate(models, stop.signal)).rejects.toBe(reason)
  })
})
