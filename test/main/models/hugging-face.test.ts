import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { describeError } from '../../../src/main/telemetry/logger.ts'
import {
  answering,
  failureOf,
  generate,
  modelsAt,
  modelsOf,
  palettesOf,
  PNG,
  refine,
  serve,
} from './tested-models.ts'

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

  it('takes an image as any other whose type names it in letters that no header has', async () => {
    const type = Buffer.from('image/png; name="лиса"').toString('latin1')
    const { models } = await answering(200, { 'content-type': type }, PNG)
    expect(Buffer.from(await generate(models))).toEqual(PNG)
  })

  it('sends the image to refine as base64, with the instruction', async () => {
    const { models, seen } = await answering(200, { 'content-type': 'image/png' }, PNG)
    await refine(models)
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

describe('hostile answers: a model that misbehaves', () => {
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
    ['HTTP 204', 204, {}, '', 'invalid_output'],
    ['an HTML page of an error', 502, { 'content-type': 'text/html' }, '<html>', 'server'],
    ['a refusal of the token', 401, {}, 'hf_canary is bad', 'auth'],
    ['a refusal of the account', 403, {}, '', 'auth'],
    ['an empty account', 402, {}, '', 'quota'],
    ['a limit of calls', 429, { 'retry-after': '7' }, '', 'rate_limited'],
    ['a request that took too long', 408, {}, '', 'server'],
    ['a request that it does not understand', 400, {}, '{"error":"boom"}', 'bad_request'],
    ['no such model', 404, {}, '', 'bad_request'],
    ['a request that is too large', 413, {}, '', 'bad_request'],
    ['parameters that it does not take', 422, {}, '{"error":"boom"}', 'bad_request'],
    ['a refusal of the content', 422, {}, '{"error":"flagged as NSFW"}', 'content_policy'],
    [
      'a blackened image',
      200,
      { 'content-type': 'application/json' },
      '{"images":[{"url":"https://results.example.com/black.png"}],"has_nsfw_concepts":[true]}',
      'content_policy',
    ],
    [
      'a failure instead of an image because of the content',
      201,
      { 'content-type': 'application/json; charset=utf-8' },
      '{"status":"failed","output":null,"error":"NSFW content detected"}',
      'content_policy',
    ],
    ['an error of its own', 500, { 'content-type': 'application/json' }, '{"error":"boom"}', 'server'],
  ])('with %s has a category, and no secret in its message', async (_, status, headers, answer, category) => {
    const { models, seen } = await answering(status, headers, answer)
    const failure = await failureOf(generate(models))
    expect(failure.category).toBe(category)
    expect(failure.message).not.toMatch(/canary|fox|boom|127\.0/)
    expect(seen).toHaveLength(1)
  })

  it.each(['', 'text/plain', 'application/json'])(
    'with an empty 200 of type %j is invalid output, for images and for palettes',
    async (type) => {
      const { models } = await answering(200, type === '' ? {} : { 'content-type': type }, '')
      for (const call of [generate, refine, palettesOf]) {
        expect(await failureOf(call(models))).toMatchObject({
          category: 'invalid_output',
          message: expect.stringContaining('answered with nothing (HTTP 200)'),
        })
      }
    },
  )

  it.each([301, 302, 303, 307, 308])(
    'with a redirect %i is not followed, nor is the token',
    async (status) => {
      let hits = 0
      const elsewhere = await serve((_, response) => {
        hits += 1
        response.setHeader('content-type', 'image/png').end(PNG)
      })
      const { models } = await answering(status, { location: elsewhere.url }, '')
      expect((await failureOf(generate(models))).category).toBe('server')
      expect(hits).toBe(0)
    },
  )

  it.each([
    ['7', 7_000],
    [new Date(Date.now() - 60_000).toUTCString(), 0],
  ])('with 429 says when to come back: Retry-After %s', async (header, retryAfterMs) => {
    const { models } = await answering(429, { 'retry-after': header }, '')
    expect(await failureOf(generate(models))).toMatchObject({ category: 'rate_limited', retryAfterMs })
  })

  it('with a long page about an error is judged by the start of it', async () => {
    const page = `{"error":"NSFW content"}${'x'.repeat(1024 * 1024)}`
    const { models } = await answering(400, {}, page)
    expect((await failureOf(generate(models))).category).toBe('content_policy')
  })

  it('by not being there is a network error', async () => {
    const { url, server } = await serve(() => undefined)
    await new Promise((closed) => server.close(closed))
    expect((await failureOf(generate(modelsOf(url)))).category).toBe('network')
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
    const models = await modelsAt(() => undefined, { timeoutMs: 50 })
    expect((await failureOf(generate(models))).category).toBe('timeout')
  })

  it('by taking connections and saying nothing is given up after the timeout, and not when connecting ends', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const failure = await failureOf(generate(modelsOf(`https://127.0.0.1:${port}`, 50)))
    server.close()
    expect(failure.category).toBe('timeout')
    expect(failure.cause).toMatchObject({ name: 'TimeoutError', message: 'the model call took too long' })
  })

  it('by answering drop by drop is given up after the timeout', async () => {
    const timers: NodeJS.Timeout[] = []
    const models = await modelsAt(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'image/png' })
        timers.push(setInterval(() => response.write('.'), 10))
      },
      { timeoutMs: 100 },
    )
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

  it.each([
    ['gzip', Buffer.from('no gzip at all')],
    ['gzip', gzipSync(PNG).fill(0, 20)],
    ['deflate', Buffer.from('789c6e6f6e73656e7365', 'hex')],
    ['br', Buffer.from('no Brotli at all')],
  ])('by sending a body that is no %s is invalid output: the connection held', async (encoding, body) => {
    const { models } = await answering(
      200,
      { 'content-type': 'image/png', 'content-encoding': encoding },
      body,
    )
    expect(await failureOf(generate(models))).toMatchObject({
      category: 'invalid_output',
      retryable: true,
      message: 'the image model answered with a body that cannot be decompressed',
    })
  })

  it('by compressing its body more than once is left with it', async () => {
    const body = gzipSync(gzipSync(PNG))
    const { models } = await answering(200, { 'content-encoding': 'gzip, gzip' }, body)
    expect(Buffer.from(await generate(models))).toEqual(body)
  })

  it('by hanging up in the middle of a compressed body is a network error', async () => {
    const body = gzipSync(PNG)
    const models = await modelsAt((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(body.length + 1) })
      response.write(body, () => response.destroy())
    })
    expect((await failureOf(generate(models))).category).toBe('network')
  })

  it('by sending little that unpacks to more than the limit is cut off there', async () => {
    const { models } = await answering(
      200,
      { 'content-type': 'image/png', 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(34 * 1024 * 1024), { level: 1 }),
    )
    expect(await failureOf(generate(models))).toMatchObject({
      category: 'invalid_output',
      message: expect.stringMatching(/more than \d+ bytes/),
    })
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

describe('hostile answers: the failure of a model call', () => {
  it.each([
    ['image', '{"secret', generate],
    ['refined image', '<html>secret', refine],
    ['palettes', 'secret', palettesOf],
  ])('that brought no %s quotes nothing of the answer in the log', async (_, answer, call) => {
    const { models } = await answering(200, { 'content-type': 'application/json' }, answer)
    const failure = await failureOf(call(models))
    expect(failure.category).toBe('invalid_output')
    const logged = JSON.stringify([failure.message, describeError(failure.cause)])
    expect(logged).toContain('SyntaxError')
    expect(logged).not.toMatch(/secret|html/)
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
