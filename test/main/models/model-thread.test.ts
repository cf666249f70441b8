import { execFile } from 'node:child_process'
import { EventEmitter, once, setMaxListeners } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ModelThread, type ModelThreadOptions } from '../../../src/main/models/model-thread.ts'
import { HttpStatus } from '../../../src/main/models/response-failure.ts'
import { describeError } from '../../../src/main/telemetry/logger.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { failureOf, generate, KEY, OPTIONS, palettesOf, PNG, refine, serve } from './tested-models.ts'

type Answer = (response: ServerResponse, prompt: string) => unknown

/** A server that answers as the test says, for a thread of the test's own. */
async function threadAt(answer: Answer, options: ModelThreadOptions = {}) {
  const { url } = await serve((request, response) => void answerTo(request, response, answer))
  const thread = new ModelThread({ ...OPTIONS, endpointUrl: url }, options)
  onTestFinished(() => thread.stop())
  return { thread, url }
}

async function answerTo(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { inputs } = JSON.parse((await bodyOf(request)).toString()) as { inputs?: string }
  answer(response, inputs ?? '')
}

/** What the thread below gets for an answer now. */
let answer: Answer
let thread: ModelThread
let server: Server

beforeAll(async () => {
  const started = await startHttpServer((request, response) => void answerTo(request, response, answer))
  server = started.server
  thread = new ModelThread({ ...OPTIONS, endpointUrl: started.url })
})

afterAll(() => Promise.all([thread.stop(), stopHttpServer(server)]))

const json = (response: ServerResponse, value: unknown) =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value))

const picture: Answer = (response) => response.setHeader('content-type', 'image/png').end(PNG)

const { signal: notStopping } = new AbortController()
setMaxListeners(0, notStopping)
const prompted = (thread: ModelThread, prompt: string, signal = notStopping) =>
  thread.generateImage({ prompt, seed: 7, idempotencyKey: KEY }, signal)

describe('the thread that calls the models', () => {
  it('answers each call with what its model answered, many at once', async () => {
    answer = (response, prompt) => response.end(prompt)
    const prompts = Array.from({ length: 20 }, (_, i) => `prompt ${i}`)
    const images = await Promise.all(prompts.map((prompt) => prompted(thread, prompt)))
    expect(images.map((bytes) => Buffer.from(bytes).toString())).toEqual(prompts)
  })

  it('unpacks a large image out of JSON', async () => {
    const image = Buffer.alloc(20 * 1024 * 1024, 'picture')
    const url = `data:image/png;base64,${image.toString('base64')}`
    answer = (response) => json(response, { output: [url] })
    expect(image.equals(await generate(thread))).toBe(true)
  })

  it('takes the image to refine along', async () => {
    answer = (response, inputs) => response.end(Buffer.from(inputs, 'base64'))
    const bytes = new Uint8Array(PNG)
    const image = { bytes, contentType: 'image/png', width: 1, height: 1 } as const
    const refined = await thread.refineImage(
      { image, prompt: 'warmer', seed: 9, idempotencyKey: KEY },
      notStopping,
    )
    expect(Buffer.from(refined)).toEqual(PNG)
    expect(bytes.byteLength).toBe(0)
  })

  it('answers with palettes, however deep what a model put beside them nests', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const contents = [`{"palettes":[{"name":"one"},${deep},{"name":"two"}]}`, `{"palettes":[${deep}]}`]
    answer = (response) =>
      json(response, { choices: [{ message: { role: 'assistant', content: contents.shift() } }] })
    const [one, , two] = await palettesOf(thread)
    expect([one, two]).toEqual([{ name: 'one' }, { name: 'two' }])
    expect(await palettesOf(thread)).toHaveLength(1)
  })
})

describe('a failure in the thread that calls the models', () => {
  it('is the same outside of it', async () => {
    answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end('{"error":"hf_canary"}')
    const failure = await failureOf(generate(thread))
    expect(failure).toMatchObject({
      category: 'rate_limited',
      message: 'the image model asked to slow down (HTTP 429)',
      retryable: true,
      retryAfterMs: 7_000,
    })
    expect(failure.cause).toBeInstanceOf(HttpStatus)
    expect(failure.cause).toMatchObject({ status: 429 })
  })

  it('shows the log what caused it', async () => {
    answer = (response) => response.destroy()
    const failure = await failureOf(generate(thread))
    expect(failure.category).toBe('network')
    expect(describeError(failure.cause)).toMatchObject({
      type: 'SocketError',
      message: expect.stringContaining('other side closed') as string,
      code: 'UND_ERR_SOCKET',
      stack: expect.stringContaining('at ') as string,
    })
  })

  it('quotes nothing of an answer', async () => {
    answer = (response) => response.setHeader('content-type', 'application/json').end('{"secret')
    const failure = await failureOf(refine(thread))
    expect(describeError(failure.cause)).toEqual({
      type: 'SyntaxError',
      message: 'its text is withheld, because it may quote an answer',
    })
    expect(failure.message).not.toContain('secret')
  })
})

describe('a call that is cancelled', () => {
  it('ends at once with the reason, and leaves neither its model nor other calls waiting', async () => {
    const task = new AbortController()
    const reason = new Error('the claim is lost')
    const events = new EventEmitter()
    const hungUp = once(events, 'hung up')
    answer = (response, prompt) => {
      if (prompt !== 'slow') return picture(response, prompt)
      response.once('close', () => events.emit('hung up'))
      task.abort(reason)
    }
    await expect(prompted(thread, 'slow', task.signal)).rejects.toBe(reason)
    await hungUp
    await expect(prompted(thread, 'never made', task.signal)).rejects.toBe(reason)
    expect(Buffer.from(await generate(thread))).toEqual(PNG)
  })
})

describe('hostile conditions: a thread that calls the models', () => {
  const entry = new URL('./faulty-model-thread.ts', import.meta.url)

  afterEach(() => vi.useRealTimers())

  it.each([
    ['exit', { message: 'it ended with exit code 3' }],
    ['throw', { message: 'it crashed', cause: { type: 'TypeError' } }],
    ['loop', { message: 'it answers no more' }],
    ['heap', { message: 'it crashed', cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } }],
  ])('and dies under its calls fails them, and is replaced: %s', async (death, reason) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const told: unknown[] = []
    const events = new EventEmitter()
    const arrived = once(events, 'arrived')
    const { thread } = await threadAt(
      (response, prompt) => (prompt === 'open' ? events.emit('arrived') : picture(response, prompt)),
      { entry, maxHeapMib: 64, onThreadLost: (lost, calls) => told.push([describeError(lost), calls]) },
    )
    const open = failureOf(prompted(thread, 'open'))
    await arrived
    const deadly = failureOf(prompted(thread, death))
    if (death === 'loop') vi.runOnlyPendingTimers()
    if (death === 'loop') vi.runOnlyPendingTimers()
    for (const failure of await Promise.all([open, deadly])) {
      expect(failure).toMatchObject({
        category: 'internal',
        retryable: true,
        message: 'the thread that calls the models was lost',
      })
    }
    expect(told).toMatchObject([[reason, 2]])
    expect(JSON.stringify(told)).not.toContain('canary')
    expect(Buffer.from(await generate(thread))).toEqual(PNG)
  })

  it('and cannot be started fails its call, which would wait for ever', async () => {
    const { thread } = await threadAt(picture, { entry: new URL('./no-such-thread.js', import.meta.url) })
    expect(await failureOf(generate(thread))).toMatchObject({ category: 'internal', retryable: true })
  })

  it('and has less memory than an answer takes dies of it alone', async () => {
    const base64 = 'A'.repeat(30 * 1024 * 1024)
    const { thread } = await threadAt(
      (response, prompt) =>
        prompt === 'large'
          ? json(response, { output: [`data:image/png;base64,${base64}`] })
          : picture(response, prompt),
      { maxHeapMib: 32 },
    )
    expect((await failureOf(prompted(thread, 'large'))).category).toBe('internal')
    expect(Buffer.from(await generate(thread))).toEqual(PNG)
  })
})

describe('the end of the thread that calls the models', () => {
  it('is the end of its calls, and no new one is made', async () => {
    const events = new EventEmitter()
    const arrived = once(events, 'arrived')
    const { thread } = await threadAt(() => events.emit('arrived'))
    const open = failureOf(generate(thread))
    await arrived
    await thread.stop()
    for (const failure of [await open, await failureOf(generate(thread))]) {
      expect(failure).toMatchObject({ category: 'internal', message: 'the calls to the models have ended' })
    }
  })

  it('is not needed for a process to end', async () => {
    const { url } = await threadAt(picture)
    const script = fileURLToPath(new URL('forgetful-process.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, url])
    expect(stdout).toBe(PNG.toString('hex'))
  })
})
