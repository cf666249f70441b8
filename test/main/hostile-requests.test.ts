import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TaskView } from '../../src/main/concepts/task-view.ts'
import { hostileImages, SMUGGLED, type HostileImage } from '../setup/hostile-images.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { BOUNDS, watchResources, type ResourceWatch } from '../setup/resource-watch.ts'
import { startEmbeddedModels, startTestWorker, type RunningWorker } from '../setup/running-worker.ts'

const GENERATION = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 1 }
const images = await hostileImages()
const named = images.map((image, i) => [image.name, image, i] as const)

let models: Awaited<ReturnType<typeof startEmbeddedModels>>
let front: Server
let worker: RunningWorker
let folder: string
let target: string
const targetCalls: string[] = []
/** What the edit model was sent, by the instruction that came with it. */
const edited = new Map<string, Buffer>()
const healthy: Promise<string>[] = []

let watch: ResourceWatch

/** The embedded models, but for prompts that ask for a hostile image, and a server in the worker's own network. */
beforeAll(async () => {
  models = await startEmbeddedModels()
  const started = await startHttpServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      if (request.url?.startsWith('/target')) {
        targetCalls.push(request.url)
        return response.setHeader('content-type', 'image/png').end(images.at(-1)!.bytes)
      }
      const text = body.toString()
      const isChat = request.url?.endsWith('/completions') ?? false
      const asked = images[Number(/hostile-image-(\d+)/.exec(text)?.[1])]
      if (asked && !isChat) return response.setHeader('content-type', 'image/png').end(asked.bytes)
      const instruction = /original-\d+/.exec(text)?.[0]
      if (instruction !== undefined && !isChat) {
        edited.set(instruction, Buffer.from((JSON.parse(text) as { inputs: string }).inputs, 'base64'))
      }
      const answer = await fetch(models.url + request.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const type = answer.headers.get('content-type') ?? ''
      response.writeHead(answer.status, { 'content-type': type }).end(Buffer.from(await answer.arrayBuffer()))
    })
  })
  front = started.server
  target = `${started.url}/target`
  folder = await mkdtemp(join(tmpdir(), 'hostile-requests-'))
  worker = await startTestWorker(started.url, {
    STORAGE_URL: pathToFileURL(folder).href,
    MAX_ATTEMPTS: '2',
    IMAGE_PARAMETERS: '{"width":256,"height":256}',
  })
  watch = watchResources()
})

afterAll(async () => {
  watch.stop()
  await worker.stop()
  await stopHttpServer(front)
  await models.stop()
  await rm(folder, { recursive: true, force: true })
})

const runBeside = () => healthy.push(worker.submit('concept_generation', GENERATION))

function refinement(url: string, prompt = 'warmer'): Promise<string> {
  return worker.submit('concept_refinement', { refinement_prompt: prompt, original_image_url: url })
}

describe('hostile URLs', () => {
  beforeAll(runBeside)

  it.concurrent.each([
    (url: string) => url,
    (url: string) => url.replace('127.0.0.1', 'localhost'),
    (url: string) => url.replace('127.0.0.1', '2130706433'),
    (url: string) => url.replace('127.0.0.1', '0x7f.1'),
    (url: string) => url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
    (url: string) => url.replace('127.0.0.1', '[::1]'),
    (url: string) => url.replace('127.0.0.1', 'user:password@127.0.0.1'),
    () => 'http://169.254.169.254/latest/meta-data/',
    () => 'http://metadata.google.internal/computeMetadata/v1/',
    () => 'file:///etc/passwd',
    () => 'gs://another-bucket/image.png',
    () => `data:image/png;base64,${images.at(-1)!.bytes.toString('base64')}`,
    () => `${pathToFileURL(folder).href}/users/owner/tasks/t/base.png`,
    () => `${pathToFileURL(folder).href}/users/user-1/../owner/tasks/t/base.png`,
    () => 'javascript:alert(1)',
  ])('one that must not be followed fails its task with a message that tells nothing: %#', async (made) => {
    const owners = join(folder, 'users/owner/tasks/t')
    await mkdir(owners, { recursive: true })
    await writeFile(join(owners, 'base.png'), images.at(-1)!.bytes)
    const url = made(target)
    const task = await worker.ended(await refinement(url))
    expect(task).toMatchObject({ status: 'failed', attempt: 1, errorCode: 'original_unavailable' })
    expect(task.errorMessage).toMatch(/^fetch_original: original_image_url: /)
    expect(task.errorMessage).not.toContain(url)
    expect(targetCalls).toEqual([])
  })
})

describe('hostile images', () => {
  beforeAll(runBeside)

  it.concurrent.each(named)('as the original of a refinement: %s', async (_, image, i) => {
    const path = join(folder, 'users/user-1/tasks', randomUUID())
    await mkdir(path, { recursive: true })
    await writeFile(join(path, 'base.png'), image.bytes)
    const task = await worker.ended(
      await refinement(`${pathToFileURL(path).href}/base.png`, `make it warmer, original-${i}`),
    )
    expect(endOf(task, image)).toEqual(expectedEnd(image, { attempt: 1, errorCode: 'invalid_image' }))
    expect(contentOf(edited.get(`original-${i}`))).toEqual(image.refusal ? null : PLAIN_PICTURE)
  })

  it.concurrent.each(named)('as the answer of a model: %s', async (_, image, i) => {
    const fields = { ...GENERATION, logo_description: `hostile-image-${i}` }
    const task = await worker.ended(await worker.submit('concept_generation', fields))
    expect(endOf(task, image)).toEqual(expectedEnd(image, { attempt: 2, errorCode: 'invalid_output' }))
    const stored = task.concept ? await readFile(new URL(task.concept.imageUrl)) : undefined
    expect(contentOf(stored)).toEqual(image.refusal ? null : PLAIN_PICTURE)
  })
})

/** How a task ended; of its message only what is expected there, if it says that. */
function endOf({ status, attempt, errorCode, errorMessage }: TaskView, { refusal }: HostileImage): object {
  const isAsExpected = refusal !== null && errorMessage?.includes(refusal)
  return { status, attempt, errorCode, errorMessage: isAsExpected ? refusal : errorMessage }
}

function expectedEnd({ refusal }: HostileImage, failure: { attempt: number; errorCode: string }): object {
  return refusal === null
    ? { status: 'completed', attempt: 1, errorCode: null, errorMessage: null }
    : { status: 'failed', ...failure, errorMessage: refusal }
}

/** A picture as the worker encodes one: what came along with the file is gone. */
const PLAIN_PICTURE = { kind: 'PNG', isLarge: false, isSmuggling: false }

function contentOf(encoded: Buffer | undefined): object | null {
  if (!encoded) return null
  return {
    kind: encoded.subarray(1, 4).toString(),
    isLarge: encoded.length > 10_000,
    isSmuggling: encoded.includes(SMUGGLED),
  }
}

describe('beside hostile URLs and images', () => {
  it('the healthy tasks completed, and memory and event loop stayed within bounds', async () => {
    runBeside()
    const tasks = await Promise.all(healthy.map(async (id) => worker.ended(await id)))
    expect(tasks.map(({ status, attempt }) => [status, attempt])).toEqual(tasks.map(() => ['completed', 1]))
    const { rssGrowthMib, loopDelayMs } = watch.seen()
    expect(rssGrowthMib).toBeLessThan(BOUNDS.rssGrowthMib)
    expect(loopDelayMs).toBeLessThan(BOUNDS.loopDelayMs)
  })
})
