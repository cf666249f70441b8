import { readFile } from 'node:fs/promises'
import type { Server, ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { pixelBomb } from '../setup/png-file.ts'
import { startTestWorker, type RunningWorker } from '../setup/running-worker.ts'

const LOGO = new URL('../fixtures/images/logo-bazel-icon.png', import.meta.url)

/** What an answer says, and the log must not repeat. */
const CANARY = 'canary-in-an-answer'

type Answer = (response: ServerResponse, url: string, logo: Buffer) => void

const typed =
  (type: string, body: string | Buffer, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': type }).end(body)

/** What the image models answer to a request with one of these words in it, every time or only the first time. */
const IMAGE_ANSWERS: Readonly<Record<string, Answer>> = {
  'nonsense-html': typed('text/html', `<html>${CANARY}</html>`),
  'nonsense-json': typed('application/json', `{"${CANARY}`),
  // 15 MiB of what takes a parser many seconds and a gigabyte.
  'nonsense-dense': typed('application/json', `[${'{},'.repeat(5_000_000)}{}]`),
  'nonsense-empty': (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(),
  'nonsense-204': (response) => response.writeHead(204).end(),
  'nonsense-svg': typed('image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
  'nonsense-cut': (response, _, logo) => response.end(logo.subarray(0, 2_000)),
  'nonsense-bomb': (response) => response.setHeader('content-type', 'image/png').end(pixelBomb()),
  'nonsense-url': (response, url) =>
    typed('application/json', JSON.stringify({ output: [`${url}/secret`] }))(response, url, pixelBomb()),
  'nonsense-refused': typed('application/json', `{"error":"flagged as NSFW, ${CANARY}"}`, 422),
  'nonsense-once': (response, _, logo) => response.end(logo.subarray(0, 2_000)),
  'busy-once': (response) => response.writeHead(429, { 'retry-after': '2' }).end(CANARY),
  'loading-once': typed('application/json', '{"error":"loading","estimated_time":2}', 503),
  'hangs-up-once': (response) => {
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': '1000' })
    response.write('x', () => response.destroy())
  },
}

let server: Server
let worker: RunningWorker
const followed: (string | undefined)[] = []

/** A model server whose answer follows from the words of the request. */
beforeAll(async () => {
  const logo = await readFile(LOGO)
  const calls = new Map<string, number>()
  const started = await startHttpServer((request, response) => {
    if (request.method === 'GET') followed.push(request.url)
    void bodyOf(request).then((body) => {
      const word = /[a-z]+(?:-[a-z0-9]+)+-word/.exec(body.toString())?.[0].replace(/-word$/, '') ?? ''
      const count = (calls.get(word) ?? 0) + 1
      calls.set(word, count)
      if (request.url?.endsWith('/v1/chat/completions')) {
        const content = word === 'nonsense-palettes' ? `I would rather not: ${CANARY}` : paletteAnswer(word)
        const answer = JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] })
        response.setHeader('content-type', 'application/json').end(answer)
        return
      }
      const answer = word.endsWith('-once') && count > 1 ? undefined : IMAGE_ANSWERS[word]
      if (answer) answer(response, started.url, logo)
      else response.setHeader('content-type', 'image/png').end(logo)
    })
  })
  server = started.server
  worker = await startTestWorker(started.url, { MAX_ATTEMPTS: '2' })
})

afterAll(async () => {
  await worker.stop()
  await stopHttpServer(server)
})

function paletteAnswer(word: string): string {
  const good = {
    name: 'Good',
    description: '',
    colors: ['#111111', '#222222', '#333333', '#FFFFFF', '#555555'],
  }
  const bad = [{ ...good, colors: ['red'] }, { ...good, colors: ['#12345Z', '#1', '#2', '#3', '#4'] }, 7]
  return JSON.stringify({ palettes: word === 'nonsense-some' ? [...bad, good, good] : [good] })
}

const submit = (word: string) =>
  worker.submit('concept_generation', {
    logo_description: `${word}-word`,
    theme_description: 'x',
    num_palettes: 3,
  })

describe('hostile answers: a model that answers nonsense', () => {
  it.concurrent.each([
    ['an HTML page', 'nonsense-html', /^prepare_image: the model's answer is no usable image/],
    ['an SVG', 'nonsense-svg', /^prepare_image: the model's answer is no usable image/],
    ['half an image', 'nonsense-cut', /^prepare_image: .* damaged or incomplete/],
    ['a bomb', 'nonsense-bomb', /^prepare_image: .* at most 32000000 pixels/],
    ['half of some JSON', 'nonsense-json', /^generate_image: the image model answered with something/],
    ['millions of objects', 'nonsense-dense', /^generate_image: .* JSON of too many values/],
    ['an empty body', 'nonsense-empty', /^generate_image: the image model answered with nothing/],
    ['HTTP 204', 'nonsense-204', /^generate_image: the image model answered with nothing/],
    ['a URL in the own network', 'nonsense-url', /^generate_image: .* of which no image could be had/],
    ['no palettes', 'nonsense-palettes', /^generate_palettes: .* without a list of palettes/],
  ])(
    'costs the task its attempts, then fails it with category and stage: %s',
    async (_, word, errorMessage) => {
      // Beside a good task, which must not notice.
      const [bad, good] = await Promise.all([word, 'fine'].map(submit))
      expect(await worker.ended(bad!)).toMatchObject({
        status: 'failed',
        attempt: 2,
        errorCode: 'invalid_output',
        errorMessage: expect.stringMatching(errorMessage),
      })
      expect(await worker.ended(good!)).toMatchObject({ status: 'completed', attempt: 1 })
      expect(followed).toEqual([])
    },
  )

  it('once is forgiven: the next attempt succeeds', async () => {
    const task = await worker.ended(await submit('nonsense-once'))
    expect(task).toMatchObject({ status: 'completed', attempt: 2, errorCode: null, errorMessage: null })
    expect(task.stages.filter(({ attempt }) => attempt === 1)).toContainEqual(
      expect.objectContaining({ stage: 'prepare_image', outcome: 'failed', errorCode: 'invalid_output' }),
    )
  })

  it('in some palettes gets those replaced by derived ones, which say so', async () => {
    const task = await worker.ended(await submit('nonsense-some'))
    expect(
      task.concept!.variations.map(({ paletteName, derived }) => [paletteName === 'Good', derived]),
    ).toEqual([
      [true, false],
      [false, true],
      [false, true],
    ])
  })
})

describe('hostile answers: a model that has a bad moment', () => {
  it.concurrent.each([
    ['a limit of calls', 'busy-once', 'rate_limited', 2_000],
    ['a start-up', 'loading-once', 'model_loading', 2_000],
    ['a broken connection', 'hangs-up-once', 'network', 0],
  ])('is asked again, no sooner than it said: %s', async (_, word, errorCode, askedMs) => {
    const task = await worker.ended(await submit(word))
    expect(task).toMatchObject({ status: 'completed', attempt: 2, errorCode: null })
    const attempts = task.stages.filter(({ stage, step }) => stage === 'generate_image' && step === null)
    expect(attempts).toMatchObject([
      { attempt: 1, outcome: 'failed', errorCode },
      { attempt: 2, outcome: 'ok' },
    ])
    const lines = worker.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
    const retry = lines.find(({ taskId, msg }) => taskId === task.id && msg === 'task will be retried')
    expect(retry).toMatchObject({ errorCode })
    expect(retry?.afterMs).toBeGreaterThanOrEqual(askedMs)
  })
})

describe('hostile answers: a model that refuses the content', () => {
  it('fails the task at once, with a message that is safe to show', async () => {
    expect(await worker.ended(await submit('nonsense-refused'))).toMatchObject({
      status: 'failed',
      attempt: 1,
      errorCode: 'content_policy',
      errorMessage: 'generate_image: the image model refused the content (HTTP 422)',
    })
  })
})

describe('hostile answers: the log', () => {
  it('repeats nothing of what a model answered', async () => {
    const words = ['nonsense-html', 'nonsense-json', 'nonsense-palettes', 'nonsense-refused', 'busy-once']
    for (const task of await Promise.all(words.map(submit))) await worker.ended(task)
    const log = worker.logLines.join('')
    expect(log).toContain('SyntaxError')
    expect(log).not.toContain('canary')
  })
})
