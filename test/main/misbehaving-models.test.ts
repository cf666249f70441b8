import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { startTestWorker, type RunningWorker } from '../setup/running-worker.ts'

const LOGO = new URL('../fixtures/images/logo-bazel-icon.png', import.meta.url)

let server: Server
let worker: RunningWorker

/** A model server whose answer follows from the words of the request. */
beforeAll(async () => {
  const logo = await readFile(LOGO)
  const calls = new Map<string, number>()
  const started = await startHttpServer((request, response) => {
    void bodyOf(request).then((body) => {
      const text = body.toString()
      const word = /nonsense-\w+/.exec(text)?.[0] ?? ''
      const chat = request.url?.endsWith('/v1/chat/completions') ?? false
      const count = (calls.get(word) ?? 0) + 1
      calls.set(word, count)
      if (chat) {
        const content = word === 'nonsense-palettes' ? 'I would rather not.' : paletteAnswer(word)
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }))
      } else if (word === 'nonsense-html') {
        response.setHeader('content-type', 'text/html').end('<html>hello</html>')
      } else if (word === 'nonsense-once' && count === 1) {
        response.setHeader('content-type', 'image/png').end(logo.subarray(0, 2_000))
      } else if (word === 'nonsense-refused') {
        response.writeHead(422, { 'content-type': 'application/json' }).end('{"error":"flagged as NSFW"}')
      } else response.setHeader('content-type', 'image/png').end(logo)
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
  worker.submit('concept_generation', { logo_description: word, theme_description: 'x', num_palettes: 3 })

describe('a model that answers nonsense', () => {
  it('costs the task its attempts, then fails it with category and stage, and leaves the others alone', async () => {
    const [html, palettes, good] = await Promise.all(
      ['nonsense-html', 'nonsense-palettes', 'fine'].map(submit),
    )
    expect(await worker.ended(html!)).toMatchObject({
      status: 'failed',
      attempt: 2,
      errorCode: 'invalid_output',
      errorMessage: expect.stringMatching(/^prepare_image: the model's answer is no usable image/),
    })
    expect(await worker.ended(palettes!)).toMatchObject({
      status: 'failed',
      attempt: 2,
      errorCode: 'invalid_output',
      errorMessage: 'generate_palettes: the palette model answered without a list of palettes',
    })
    expect(await worker.ended(good!)).toMatchObject({ status: 'completed', attempt: 1 })
  })

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

describe('a model that refuses the content', () => {
  it('fails the task at once, with a message that is safe to show', async () => {
    expect(await worker.ended(await submit('nonsense-refused'))).toMatchObject({
      status: 'failed',
      attempt: 1,
      errorCode: 'content_policy',
      errorMessage: 'generate_image: the image model refused the content (HTTP 422)',
    })
  })
})
