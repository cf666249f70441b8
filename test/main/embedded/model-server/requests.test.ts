import { connect } from 'node:net'
import { once } from 'node:events'
import { request as httpRequest, Agent } from 'node:http'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startModelServer, type ModelServer } from '../../../../src/main/embedded/model-server/server.ts'

let server: ModelServer

beforeEach(async () => {
  server = await startModelServer()
})

afterEach(() => server.stop())

const JSON_TYPE = { 'content-type': 'application/json' }

async function send(
  path: string,
  init: RequestInit,
): Promise<{ status: number; error: unknown; allow: string | null }> {
  const response = await fetch(server.url + path, init)
  expect(response.headers.get('content-type')).toBe('application/json')
  const { error } = (await response.json()) as { error: unknown }
  return { status: response.status, error, allow: response.headers.get('allow') }
}

const post = (path: string, body: unknown, headers: Record<string, string> = JSON_TYPE) =>
  send(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

describe('the model server', () => {
  test.each(['/', '/health'])('says at %s that it is no model', async (path) => {
    const response = await fetch(server.url + path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toMatch(/by rule; it is no model/)
  })

  test('draws to a second request on the same connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const reused: boolean[] = []
    for (const seed of [1, 2]) {
      const request = httpRequest(server.url, { method: 'POST', agent, headers: JSON_TYPE })
      request.end(JSON.stringify({ inputs: 'a leaf', parameters: { seed, width: 64, height: 64 } }))
      const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream & { statusCode: number }]
      expect(response.statusCode).toBe(200)
      reused.push(request.reusedSocket)
      response.resume()
      await once(response, 'end')
    }
    agent.destroy()
    expect(reused).toEqual([false, true])
  })

  test('edits an image that is sent as it is', async () => {
    const body = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#c33' } })
      .png()
      .toBuffer()
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array(body),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/png')
  })
})

describe('a bad request', () => {
  test.each([
    ['no JSON', '{"inputs":'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no prompt', {}],
    ['an empty prompt', { inputs: '  ' }],
    ['a prompt that is no text', { inputs: 5 }],
    ['a prompt without end', { inputs: 'x'.repeat(10_001) }],
    ['a seed that is no number', { inputs: 'a fox', parameters: { seed: 'one' } }],
    ['a picture too wide', { inputs: 'a fox', parameters: { width: 4096 } }],
    ['a picture too low', { inputs: 'a fox', parameters: { height: 1 } }],
    ['half a pixel', { inputs: 'a fox', parameters: { width: 512.5 } }],
    [
      'an edit of no image',
      { inputs: Buffer.from('not an image').toString('base64'), parameters: { prompt: 'red' } },
    ],
    [
      'an edit of a vector image',
      {
        inputs: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>').toString(
          'base64',
        ),
        parameters: { prompt: 'red' },
      },
    ],
    ['an edit without words', { inputs: 'iVBORw0KGgo=', parameters: { prompt: '' } }],
  ])('is refused with 400: %s', async (_, body) => {
    const { status, error } = await post('/', body)
    expect(status).toBe(400)
    expect(error).toEqual(expect.any(String))
  })

  test('names every mistake at once', async () => {
    const { error } = await post('/', { inputs: 'a fox', parameters: { width: 1, height: 'tall' } })
    expect(error).toMatch(/parameters\.width: .*64 to 2048.*parameters\.height/)
  })

  test('is refused with 400 when an image breaks off', async () => {
    const whole = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: '#c33',
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
      },
    })
      .png()
      .toBuffer()
    const { status } = await post('/', {
      inputs: whole.subarray(0, whole.length >> 1).toString('base64'),
      parameters: { prompt: 'red' },
    })
    expect(status).toBe(400)
  })

  test.each([
    ['no messages', { messages: [] }],
    ['no words of the user', { messages: [{ role: 'system', content: 'hello' }] }],
    ['streaming', { messages: [{ role: 'user', content: 'palettes' }], stream: true }],
    ['content of a wrong kind', { messages: [{ role: 'user', content: 7 }] }],
  ])('to the chat is refused with 400: %s', async (_, body) => {
    expect((await post('/v1/chat/completions', body)).status).toBe(400)
  })

  test.each([
    ['text', { 'content-type': 'text/plain' }],
    ['a compressed body', { ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ])('is refused with 415: %s', async (_, headers) => {
    expect((await post('/', { inputs: 'a fox' }, headers)).status).toBe(415)
  })

  test('to another path is refused with 404', async () => {
    expect((await post('/v1/images', {})).status).toBe(404)
    expect((await send('/favicon.ico', {})).status).toBe(404)
  })

  test('with another method is refused with 405 and told the right ones', async () => {
    expect(await send('/', { method: 'DELETE' })).toMatchObject({ status: 405, allow: 'GET, HEAD, POST' })
    expect(await send('/v1/chat/completions', {})).toMatchObject({ status: 405, allow: 'POST' })
    expect(await post('/health', {})).toMatchObject({ status: 405, allow: 'GET, HEAD' })
  })

  test('beyond 32 MiB is refused with 413 and answered before all of it is read', async () => {
    expect((await post('/', 'x'.repeat(33 * 1024 * 1024))).status).toBe(413)
  })

  test('beyond 32 MiB is refused with 413 though its length is not announced', async () => {
    const request = httpRequest(server.url, { method: 'POST', headers: JSON_TYPE })
    const answered = once(request, 'response') as Promise<[NodeJS.ReadableStream & { statusCode: number }]>
    const block = Buffer.alloc(1024 * 1024, 'x')
    for (let i = 0; i < 33; i++) if (!request.write(block)) await once(request, 'drain')
    const [response] = await answered
    expect(response.statusCode).toBe(413)
    request.destroy()
  })
})

describe('stopping the server', () => {
  test('closes idle connections, frees the port, and can be repeated', async () => {
    await (await fetch(server.url)).text()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    await Promise.all([server.stop(), server.stop()])
    await closed
    const port = Number(new URL(server.url).port)
    const again = await startModelServer({ port })
    expect(again.url).toBe(server.url)
    await again.stop()
  })

  test('answers what is in hand', async () => {
    const { port } = new URL(server.url)
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { ...JSON_TYPE, expect: '100-continue' },
    })
    const answered = once(request, 'response') as Promise<[NodeJS.ReadableStream & { statusCode: number }]>
    request.flushHeaders()
    // The server has begun to read this request once it says so.
    await once(request, 'continue')
    const stopped = server.stop()
    request.end(JSON.stringify({ inputs: 'a leaf', parameters: { width: 64, height: 64 } }))
    const [response] = await answered
    expect(response.statusCode).toBe(200)
    response.resume()
    await stopped
  })

  test('is not held up by a client that never ends its request', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n',
    )
    await once(socket, 'data')
    const closed = once(socket, 'close')
    await server.stop()
    await closed
    expect(socket.destroyed).toBe(true)
  })

  test('a taken port is an error', async () => {
    await expect(startModelServer({ port: Number(new URL(server.url).port) })).rejects.toThrow(/EADDRINUSE/)
  })
})
