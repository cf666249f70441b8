import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { describeError } from '../../../src/main/telemetry/logger.ts'
import {
  answering,
  failureOf,
  generate,
  loopbackDownload,
  modelsAt,
  PNG,
  refine,
  serve,
  type Seen,
} from './tested-models.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** A server that holds a result, and what it was asked. */
async function resultServer(answer: (response: ServerResponse) => void) {
  const seen: { headers: Seen['headers'] }[] = []
  const { url } = await serve((request, response) => {
    seen.push({ headers: request.headers })
    answer(response)
  })
  return { url, port: new URL(url).port, seen }
}

/** A model that answers with the URL of its image, in the form that the client follows. */
const pointingTo = (url: string, maxBytes?: number) =>
  modelsAt((_, response) => response.writeHead(200, JSON_TYPE).end(JSON.stringify({ output: [url] })), {
    download: loopbackDownload(maxBytes),
  })

const picture = (response: ServerResponse) => response.setHeader('content-type', 'image/png').end(PNG)

describe('hostile answers: a model that answers with a URL instead of an image', () => {
  it('has it fetched through the guarded download, without the token', async () => {
    const { port, seen } = await resultServer(picture)
    const models = await pointingTo(`http://results.example.com:${port}/1.png`)
    expect(Buffer.from(await generate(models))).toEqual(PNG)
    expect(seen).toHaveLength(1)
    expect(seen[0]!.headers).not.toHaveProperty('authorization')
    // Only the download asks so.
    expect(seen[0]!.headers).toMatchObject({ 'accept-encoding': 'identity' })
  })

  it.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]', 'http://2130706433', 'http://0'])(
    'that leads to this machine has it refused, and nobody is asked: %s',
    async (host) => {
      const { port, seen } = await resultServer(picture)
      const answer = JSON.stringify({ output: [`${host}:${port}/latest/meta-data`] })
      const { models } = await answering(200, JSON_TYPE, answer)
      expect(await failureOf(generate(models))).toMatchObject({
        category: 'invalid_output',
        message: 'the image model answered with a URL of which no image could be had',
      })
      expect(seen).toEqual([])
    },
  )

  it('that leads to its own host on a private network has it refused, too', async () => {
    const asked: unknown[] = []
    const models = await modelsAt((request, response) => {
      asked.push(request.method)
      const output = [`http://${request.headers.host}/secret`]
      response.writeHead(200, JSON_TYPE).end(JSON.stringify({ output }))
    })
    expect((await failureOf(generate(models))).category).toBe('invalid_output')
    expect(asked).toEqual(['POST'])
  })

  it('that redirects to this machine has it refused', async () => {
    const inner = await resultServer(picture)
    const outer = await resultServer((response) => response.writeHead(302, { location: inner.url }).end())
    const models = await pointingTo(`http://results.example.com:${outer.port}/1.png`)
    expect((await failureOf(generate(models))).category).toBe('invalid_output')
    expect(outer.seen).toHaveLength(1)
    expect(inner.seen).toEqual([])
  })

  it.each([
    'file:///etc/passwd',
    'ftp://results.example.com/1.png',
    'blob:nodedata:1',
    'data:,text',
    'no URL',
  ])('that is none of the web is invalid output: %s', async (url) => {
    const { models } = await answering(200, JSON_TYPE, JSON.stringify({ output: [url] }))
    expect((await failureOf(generate(models))).category).toBe('invalid_output')
  })

  it('of an image without end has the rest left where it is', async () => {
    const { port } = await resultServer((response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(100_000)));
      }
      response.on('drain', more)
      more()
    })
    const models = await pointingTo(`http://results.example.com:${port}/1.png`, 1_000_000)
    expect((await failureOf(generate(models))).category).toBe('invalid_output')
  })

  it('of a bomb has it left packed', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const { port } = await resultServer((response) =>
      response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' }).end(bomb),
    )
    const models = await pointingTo(`http://results.example.com:${port}/1.png`)
    expect((await failureOf(generate(models))).category).toBe('invalid_output')
  })

  it('that never answers is given up after the timeout of the call', async () => {
    const { port } = await resultServer(() => undefined)
    const models = await modelsAt(
      (_, response) => {
        const output = [`http://results.example.com:${port}/1.png`]
        response.writeHead(200, JSON_TYPE).end(JSON.stringify({ output }))
      },
      { timeoutMs: 300, download: loopbackDownload() },
    )
    expect((await failureOf(generate(models))).category).toBe('timeout')
  })

  it.each([
    [404, {}, 'invalid_output', undefined],
    [503, { 'retry-after': '3' }, 'server', 3_000],
  ])('that answers with HTTP %d has a category', async (status, headers, category, retryAfterMs) => {
    const { port } = await resultServer((response) => response.writeHead(status, headers).end())
    const models = await pointingTo(`http://results.example.com:${port}/1.png`)
    expect(await failureOf(generate(models))).toMatchObject({ category, retryAfterMs })
  })

  it('that is cut off in the middle is a network error', async () => {
    const { port } = await resultServer((response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('x', () => response.destroy())
    })
    const models = await pointingTo(`http://results.example.com:${port}/1.png`)
    expect((await failureOf(generate(models))).category).toBe('network')
  })

  it('says nothing of that URL, neither in its message nor in the log', async () => {
    const { models } = await answering(200, JSON_TYPE, '{"output":["http://10.1.2.3/secret?token=hunter2"]}')
    const failure = await failureOf(generate(models))
    expect(JSON.stringify(describeError(failure))).not.toMatch(/10\.1|secret|hunter2/)
  })
})

describe('hostile answers: a model that answers with its image in JSON', () => {
  const image = PNG.toString('base64')

  it.each([
    ['as base64', { data: [{ b64_json: image }] }],
    ['as a data URL', { output: [`data:image/png;base64,${image}`] }],
  ])('%s has it unpacked', async (_, answer) => {
    const { models } = await answering(200, JSON_TYPE, JSON.stringify(answer))
    expect(Buffer.from(await generate(models))).toEqual(PNG)
  })

  it('has it refused where the client reads bytes only', async () => {
    const { models } = await answering(200, JSON_TYPE, JSON.stringify({ output: ['http://127.0.0.1/x'] }))
    expect((await failureOf(refine(models))).category).toBe('invalid_output')
  })
})
