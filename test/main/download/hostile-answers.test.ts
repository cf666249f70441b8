import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { GuardedDownload } from '../../../src/main/download/guarded-download.ts'
import { failureOf, REFUSED } from './failures.ts'
import { serve, type LoopbackServer } from './loopback-server.ts'

const never = new AbortController().signal
const maxBytes = 100_000

const download = new GuardedDownload({
  maxBytes,
  timeoutMs: 20_000,
  isAllowedAddress: () => true,
  lookup: async () => ['127.0.0.1'],
})

const urlOf = (server: LoopbackServer) => `http://images.example.com:${server.port}/logo.png?token=hunter2`

/** Answers with exactly these bytes, headers included, and closes. */
function raw(answer: string): RequestListener {
  return (request) => request.socket.end(answer)
}

const TOO_LARGE = {
  category: 'invalid_image',
  message: 'original_image_url: expected at most 100000 bytes',
  retryable: false,
  retryAfterMs: undefined,
}
const CUT = {
  category: 'network',
  message: 'original_image_url: the connection broke in the middle of the image',
  retryable: true,
  retryAfterMs: undefined,
}

describe('hostile URL: bodies', () => {
  test('a picture arrives whole, in a buffer of its own', async () => {
    const picture = Buffer.from(Array.from({ length: maxBytes }, (_, index) => index % 251))
    const server = await serve((_request, response) => {
      response.write(picture.subarray(0, 1))
      response.write(picture.subarray(1, 70_000))
      response.end(picture.subarray(70_000))
    })

    const bytes = await download.fetch(urlOf(server), never)

    expect(picture.equals(bytes)).toBe(true)
    expect(bytes.buffer.byteLength).toBe(maxBytes)
    await server.allClosed()
  })

  test('images are asked for, uncompressed, and without anything that tells who asks', async () => {
    const server = await serve((request, response) => response.end(JSON.stringify(request.headers)))

    const headers: unknown = JSON.parse(Buffer.from(await download.fetch(urlOf(server), never)).toString())

    expect(headers).toMatchObject({
      host: `images.example.com:${server.port}`,
      accept: 'image/png, image/jpeg, image/webp',
      'accept-encoding': 'identity',
    })
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('cookie')
    expect(headers).not.toHaveProperty('referer')
  })

  test('an empty body is handed on as it is', async () => {
    const server = await serve((_request, response) => response.end())
    expect(await download.fetch(urlOf(server), never)).toHaveLength(0)
  })

  test('a body without end is not read to the end', async () => {
    const server = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000)));
      }
      response.on('drain', more)
      more()
    })
    expect(await failureOf(download.fetch(urlOf(server), never))).toEqual(TOO_LARGE)
    await server.allClosed()
  })

  test('one byte too many is too many', async () => {
    const server = await serve((_request, response) => {
      response.write(Buffer.alloc(maxBytes))
      response.end('x')
    })
    expect(await failureOf(download.fetch(urlOf(server), never))).toEqual(TOO_LARGE)
  })

  test('a declared length beyond the limit is refused before any of it is sent', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000000000000' })
      response.flushHeaders()
    })
    expect(await failureOf(download.fetch(urlOf(server), never))).toEqual(TOO_LARGE)
    await server.allClosed()
  })

  test('more than the declared length is not taken', async () => {
    const server = await serve(
      raw(`HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\npicture${'x'.repeat(maxBytes)}`),
    )
    const bytes = await download.fetch(urlOf(server), never)
    expect(Buffer.from(bytes).toString()).toBe('picture')
    await server.allClosed()
  })

  test.each([
    ['less than the declared length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npict'],
    ['no last chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npict\r\n'],
    ['a chunk cut off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\npict'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npict\r\nzzz\r\n'],
  ])('a body with %s is a broken one', async (_what, answer) => {
    const server = await serve(raw(answer))
    expect(await failureOf(download.fetch(urlOf(server), never))).toEqual(CUT)
    await server.allClosed()
  })

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['two different lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\npictu'],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\npicture'],
    ['endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}\r\n\r\npicture`],
    ['nothing', ''],
  ])('%s is no answer', async (_what, answer) => {
    const server = await serve(raw(answer))
    expect(await failureOf(download.fetch(urlOf(server), never))).toEqual({
      ...REFUSED,
      retryable: true,
    })
  })

  test.each(['gzip', 'br', 'deflate', 'GZIP', 'identity, gzip', 'zstd', 'x-unknown'])(
    'a bomb in Content-Encoding %s is not unpacked',
    async (encoding) => {
      const bomb = gzipSync(Buffer.alloc(50 * maxBytes))
      expect(bomb.length).toBeLessThan(maxBytes)
      const server = await serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(bomb)
      })
      expect(await failureOf(download.fetch(urlOf(server), never))).toEqual({
        category: 'invalid_image',
        message: 'original_image_url: expected an image without Content-Encoding',
        retryable: false,
        retryAfterMs: undefined,
      })
    },
  )

  test('a bomb that does not say so stays packed', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * maxBytes))
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'identity' }).end(bomb)
    })
    expect(bomb.equals(await download.fetch(urlOf(server), never))).toBe(true)
  })
})

describe('hostile URL: statuses', () => {
  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [410, false],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    // Neither is a picture.
    [204, false],
    [206, false],
    [302, false],
    [304, false],
  ])('HTTP %i: worth another attempt: %j', async (status, retryable) => {
    const server = await serve((_request, response) => response.writeHead(status).end())
    expect(await failureOf(download.fetch(urlOf(server), never))).toEqual({
      category: 'original_unavailable',
      message: `original_image_url: the server answered with HTTP ${status}`,
      retryable,
      retryAfterMs: undefined,
    })
    await server.allClosed()
  })

  test.each([
    [503, '7', 7_000],
    [429, '120', 120_000],
    [503, 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
    [503, 'soon', undefined],
    [404, '7', undefined],
  ])('HTTP %i with Retry-After %j', async (status, header, retryAfterMs) => {
    const server = await serve((_request, response) => {
      response.writeHead(status, { 'retry-after': header }).end('busy')
    })
    expect(await failureOf(download.fetch(urlOf(server), never))).toMatchObject({ retryAfterMs })
  })
})
