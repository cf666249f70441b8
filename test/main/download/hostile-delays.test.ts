import { getEventListeners, once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { GuardedDownload } from '../../../src/main/download/guarded-download.ts'
import { failureOf, REFUSED } from './failures.ts'
import { serve, watch, type LoopbackServer } from './loopback-server.ts'

const never = new AbortController().signal
const maxBytes = 1_000_000

const guarded = (timeoutMs: number) =>
  new GuardedDownload({
    maxBytes,
    timeoutMs,
    isAllowedAddress: () => true,
    lookup: async () => ['127.0.0.1'],
  })
const urlOf = (server: LoopbackServer) => `http://images.example.com:${server.port}/`

/** Sends a little, again and again, so that no pause is ever long. */
const drip: Parameters<typeof serve>[0] = (_request, response) => {
  const timer = setInterval(() => response.write('.'), 5)
  response.once('close', () => clearInterval(timer))
}

describe('hostile URL: delays', () => {
  test('a dripping body is stopped by the deadline', async () => {
    const server = await serve(drip)
    // Long enough for the body to begin, even on a busy machine.
    expect(await failureOf(guarded(1_500).fetch(urlOf(server), never))).toEqual({
      category: 'timeout',
      message: 'original_image_url: expected the image within 1500 ms',
      retryable: true,
      retryAfterMs: undefined,
    })
    await server.allClosed()
  })

  test.each([
    ['says nothing', ''],
    ['never ends its headers', 'HTTP/1.1 200 OK\r\nx-header: '],
    ['says for ever that it will answer', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ])('a server that %s is stopped by the deadline', async (_what, again) => {
    const server = await serve((request) => {
      const timer = setInterval(() => request.socket.write(again), 50)
      request.socket.once('close', () => clearInterval(timer))
    })
    expect(await failureOf(guarded(300).fetch(urlOf(server), never))).toEqual({ ...REFUSED, retryable: true })
    await server.allClosed()
  })

  test('a server that never ends the TLS handshake is stopped by the deadline', async () => {
    const silent = createServer((socket) => socket.resume())
    const server = await watch(silent)
    const url = `https://images.example.com:${server.port}/`
    const [failure] = await Promise.all([
      failureOf(guarded(300).fetch(url, never)),
      once(silent, 'connection'),
    ])
    expect(failure).toEqual({ ...REFUSED, retryable: true })
    await server.allClosed()
  })

  test('a lookup without end is stopped by the deadline, and nothing is dialled when it ends after all', async () => {
    const server = await serve((_request, response) => response.end('picture'))
    let answer: (addresses: string[]) => void = () => undefined
    let stopped = false
    const download = new GuardedDownload({
      maxBytes,
      timeoutMs: 50,
      isAllowedAddress: () => true,
      lookup: (_hostname, signal) => {
        signal.addEventListener('abort', () => (stopped = true))
        return new Promise((resolve) => (answer = resolve))
      },
    })

    expect(await failureOf(download.fetch(urlOf(server), never))).toEqual({ ...REFUSED, retryable: true })
    expect(stopped).toBe(true)
    answer(['127.0.0.1'])
    // A connection that was dialled now would come in before this one.
    await guarded(20_000).fetch(urlOf(server), never)
    expect(server.seen.connections).toBe(1)
  })
})

describe('hostile URL: the caller gives up', () => {
  test('in the middle of the body: its own reason comes back, and the connection is closed', async () => {
    const caller = new AbortController()
    const reason = new Error('the worker stops')
    const server = await serve((request, response) => {
      const more = () => {
        // More than the buffers between the two ends hold, so some of it has been read.
        if (request.socket.bytesWritten > 32_000_000) caller.abort(reason)
        while (!response.destroyed && response.write(Buffer.alloc(100_000)));
      }
      response.on('drain', more)
      more()
    })
    const download = new GuardedDownload({
      maxBytes: 1_000_000_000,
      timeoutMs: 20_000,
      isAllowedAddress: () => true,
      lookup: async () => ['127.0.0.1'],
    })
    await expect(download.fetch(urlOf(server), caller.signal)).rejects.toBe(reason)
    await server.allClosed()
  })

  test('before the answer', async () => {
    const caller = new AbortController()
    const reason = { any: 'reason' }
    const server = await serve(() => caller.abort(reason))
    await expect(guarded(20_000).fetch(urlOf(server), caller.signal)).rejects.toBe(reason)
    await server.allClosed()
  })

  test('during the lookup', async () => {
    const caller = new AbortController()
    const reason = new Error('the worker stops')
    const download = new GuardedDownload({
      maxBytes,
      timeoutMs: 20_000,
      lookup: async () => {
        setImmediate(() => caller.abort(reason))
        return await new Promise<never>(() => undefined)
      },
    })
    await expect(download.fetch('http://images.example.com/', caller.signal)).rejects.toBe(reason)
  })

  test('before the download began: nothing is looked up', async () => {
    let asked = 0
    const download = new GuardedDownload({
      maxBytes,
      timeoutMs: 20_000,
      lookup: async () => {
        asked += 1
        return []
      },
    })
    const reason = new Error('the worker stops')
    await expect(download.fetch('http://images.example.com/', AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(asked).toBe(0)
  })

  test('after the download is over: nothing of it listens any more', async () => {
    const caller = new AbortController()
    const server = await serve((_request, response) => response.end('picture'))
    await guarded(20_000).fetch(urlOf(server), caller.signal)
    expect(getEventListeners(caller.signal, 'abort')).toEqual([])
    await server.allClosed()
  })
})
