import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { UnusableSetting } from '../../../src/main/config/unusable-setting.ts'
import type { ImageStorage } from '../../../src/main/storage/image-storage.ts'
import { openStorage } from '../../../src/main/storage/opening.ts'
import { openCheckedStorage } from '../../../src/main/storage/storage-check.ts'
import { describeError } from '../../../src/main/telemetry/logger.ts'
import type { EncodedImage } from '../../../src/threads/protocol.ts'
import { BUCKET, S3_CREDENTIALS, startCloudStorage, startS3, type TestServer } from './stores.ts'

const { signal } = new AbortController()
const PATH = 'users/u/tasks/t/base.png'
const IMAGE: EncodedImage = {
  bytes: new Uint8Array(200_000),
  contentType: 'image/png',
  width: 1,
  height: 1,
}
const CANARY = 'canary-of-another-system'

type Refusal = { readonly status: number; readonly code: string; readonly headers?: Record<string, string> }

/** How S3 says that it does not do what is asked. */
const inXml =
  ({ status, code, headers }: Refusal): RequestListener =>
  (request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/xml', ...headers })
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${CANARY}</Message></Error>`)
  }

/** How Cloud Storage says it. */
const inJson =
  ({ status, code, headers }: Refusal): RequestListener =>
  (request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    const errors = [{ reason: code, message: CANARY }]
    response.end(JSON.stringify({ error: { code: status, message: CANARY, errors } }))
  }

/** What comes from something in between that is no bucket at all. */
const inHtml: RequestListener = (request, response) => {
  request.resume()
  response.writeHead(502, { 'content-type': 'text/html' }).end(`<html><h1>${CANARY}</h1></html>`)
}

beforeAll(() => {
  Object.assign(process.env, S3_CREDENTIALS)
})

describe.each<
  [string, () => Promise<TestServer>, (refusal: Refusal) => RequestListener, Readonly<Record<string, string>>]
>([
  [
    'S3',
    startS3,
    inXml,
    { slow: 'SlowDown', denied: 'AccessDenied', full: 'QuotaExceeded', odd: 'InvalidRequest' },
  ],
  [
    'Cloud Storage',
    startCloudStorage,
    inJson,
    { slow: 'rateLimitExceeded', denied: 'forbidden', full: 'quotaExceeded', odd: 'invalid' },
  ],
])('hostile conditions: a bucket of %s', (_, start, refuse, codes) => {
  let server: TestServer
  let store: ImageStorage
  const opened: ImageStorage[] = []

  const open = async (env: Record<string, string> = {}) => {
    const store = await openStorage(loadConfig({ ...server.env, ...env }).storage)
    opened.push(store)
    return store
  }
  /** What becomes of storing an image, and how many requests were made for it. */
  const outcome = async (misbehaviour: RequestListener, of = store) => {
    const before = server.requests
    server.misbehave(misbehaviour)
    const error: unknown = await of.put(PATH, IMAGE, signal).catch((error: unknown) => error)
    expect(JSON.stringify(describeError(error))).not.toContain(CANARY)
    const { category, retryable, retryAfterMs, message } = error as Record<string, unknown>
    return { category, retryable, retryAfterMs, message, requests: server.requests - before }
  }

  beforeAll(async () => {
    server = await start()
    store = await open()
  })

  afterEach(() => server.misbehave(null))

  afterAll(async () => {
    for (const store of opened) await store.close()
    await server.stop()
  })

  it.each([
    ['403', { status: 403, code: 'denied' }, 'auth'],
    ['401', { status: 401, code: 'denied' }, 'auth'],
    ['403 for its quota', { status: 403, code: 'full' }, 'quota'],
    ['507', { status: 507, code: 'odd' }, 'quota'],
    ['400', { status: 400, code: 'odd' }, 'storage'],
    ['404', { status: 404, code: 'odd' }, 'storage'],
  ])('that answers with %s fails the task at once', async (_, { status, code }, category) => {
    expect(await outcome(refuse({ status, code: codes[code] ?? '' }))).toMatchObject({
      category,
      retryable: false,
      requests: 1,
      message: expect.stringMatching(new RegExp(`^the image storage [a-z ]+ \\(HTTP ${status}\\)$`)),
    })
  })

  it.each([
    ['500', refuse({ status: 500, code: 'InternalError' }), 'server'],
    ['503', refuse({ status: 503, code: 'backendError' }), 'server'],
    ['429', refuse({ status: 429, code: codes.slow ?? '' }), 'rate_limited'],
    ['HTML', inHtml, 'server'],
    ['a broken connection', ((request) => request.destroy()) satisfies RequestListener, 'network'],
  ])(
    'that goes on answering with %s is given up for now after three attempts',
    async (_, answer, category) => {
      expect(await outcome(answer)).toMatchObject({ category, retryable: true, requests: 3 })
    },
  )

  it('that fails for a moment is asked again, and the task does not notice', async () => {
    const failing = refuse({ status: 503, code: codes.slow ?? '', headers: { 'retry-after': '0' } })
    server.misbehave((request, response) => {
      server.misbehave(null)
      failing(request, response)
    })
    await store.put(PATH, IMAGE, signal)
    expect((await store.get(PATH, IMAGE.bytes.byteLength, signal))?.byteLength).toBe(IMAGE.bytes.byteLength)
  })

  it('that asks for more patience is left alone, and the task waits as long', async () => {
    const answer = refuse({ status: 503, code: codes.slow ?? '', headers: { 'retry-after': '40' } })
    expect(await outcome(answer)).toMatchObject({
      category: 'rate_limited',
      retryable: true,
      retryAfterMs: 40_000,
      requests: 1,
    })
  })

  it('that does not answer is given up at the deadline', async () => {
    const impatient = await open({ STORAGE_TIMEOUT_MS: '150' })
    expect(await outcome((request) => request.resume(), impatient)).toMatchObject({
      category: 'timeout',
      retryable: true,
      message: 'the image storage did not answer within 150 ms',
    })
    server.misbehave((request) => request.resume())
    await expect(impatient.get(PATH, 10, signal)).rejects.toMatchObject({ category: 'timeout' })
    await expect(impatient.keepOnly('users/u/', [])).rejects.toMatchObject({ category: 'timeout' })
  })

  it('that stops in the middle of an image is given up at the deadline, and so is its connection', async () => {
    const impatient = await open({ STORAGE_TIMEOUT_MS: '150' })
    let hungUp: Promise<unknown> = Promise.resolve()
    server.misbehave((_, response) => {
      hungUp = once(response, 'close')
      response.writeHead(200, { 'content-length': 1_000, 'content-type': 'image/png' }).write('half')
    })
    await expect(impatient.get(PATH, 1_000, signal)).rejects.toMatchObject({ category: 'timeout' })
    await hungUp
  })

  it.each([
    ['an image', (of: ImageStorage) => of.get(PATH, 1_000, signal)],
    ['its answer to an image', (of: ImageStorage) => of.put(PATH, IMAGE, signal)],
    ['a list', (of: ImageStorage) => of.keepOnly('users/u/', [])],
  ])('that hangs up in the middle of %s is given up at once, after three attempts', async (_, call) => {
    const before = server.requests
    server.misbehave((request, response) => {
      request.resume().once('end', () => {
        response.writeHead(200, { 'content-length': 1_000 }).write('half', () => response.destroy())
      })
    })
    await expect(call(store)).rejects.toMatchObject({ category: 'network', retryable: true })
    expect(server.requests - before).toBe(3)
  })

  it('that hangs up in the middle of an error is given up for now', async () => {
    server.misbehave((_, response) => {
      response
        .writeHead(503, { 'content-type': 'application/json' })
        .write('{', () => response.socket?.resetAndDestroy())
    })
    await expect(store.get(PATH, 1_000, signal)).rejects.toMatchObject({ retryable: true })
  })

  it('that stops in the middle of an image keeps no connection of a worker that stops', async () => {
    const stop = new AbortController()
    const hungUp = new Promise<unknown>((resolve) => {
      server.misbehave((_, response) => {
        resolve(once(response, 'close'))
        response
          .writeHead(200, { 'content-length': 1_000, 'content-type': 'image/png' })
          .write('half', () => {
            stop.abort(new Error('the worker stops'))
          })
      })
    })
    await expect(store.get(PATH, 1_000, stop.signal)).rejects.toThrow('the worker stops')
    await hungUp
  })

  it('is not waited for once the worker stops, not even between two attempts', async () => {
    for (const answer of [
      (() => undefined) satisfies RequestListener,
      refuse({ status: 503, code: codes.slow ?? '', headers: { 'retry-after': '2' } }),
    ]) {
      const stop = new AbortController()
      server.misbehave((request, response) => {
        request.resume()
        answer(request, response)
        setImmediate(() => stop.abort(new Error('the worker stops')))
      })
      await expect(store.put(PATH, IMAGE, stop.signal)).rejects.toThrow('the worker stops')
    }
  })

  it.each([
    ['is not there', `://${BUCKET}-2`, 'has no such bucket (HTTP 404)'],
    ['refuses', `://${BUCKET}`, 'refused the credentials (HTTP 403)'],
  ])('that %s stops the start, with a message that names STORAGE_URL', async (what, rest, problem) => {
    if (what === 'refuses') server.misbehave(refuse({ status: 403, code: codes.denied ?? '' }))
    const url = `${server.env.STORAGE_URL?.split(':')[0]}${rest}`
    const start = openCheckedStorage(loadConfig({ ...server.env, STORAGE_URL: url }))
    await expect(start).rejects.toThrow(UnusableSetting)
    await expect(start).rejects.toMatchObject({
      kind: 'wrong',
      message: expect.stringMatching(
        /^STORAGE_URL=\S+: images cannot be stored there \(.*\); expected a bucket /,
      ),
    })
    await expect(start).rejects.toThrow(problem)
  })

  it('that cannot be reached lets the start be tried again', async () => {
    const nowhere = { S3_ENDPOINT_URL: 'http://127.0.0.1:1', STORAGE_EMULATOR_HOST: 'http://127.0.0.1:1' }
    await expect(openCheckedStorage(loadConfig({ ...server.env, ...nowhere }))).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(
        /could not be reached.*: ECONNREFUSED\); expected a bucket that answers at \w+=http:\/\/127\.0\.0\.1:1$/,
      ),
    })
  })
})
