import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import type { Server, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Pool } from 'pg'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CheckpointStore } from '../../src/main/concepts/checkpoint-store.ts'
import { ConceptStore } from '../../src/main/concepts/concept-store.ts'
import { TaskFolders } from '../../src/main/concepts/task-folders.ts'
import { readTaskView, type TaskView } from '../../src/main/concepts/task-view.ts'
import { createDatabasePool } from '../../src/main/database/pool.ts'
import { HuggingFaceModels } from '../../src/main/models/hugging-face.ts'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { ImageThreads } from '../../src/main/pool/image-threads.ts'
import { ThreadPool } from '../../src/main/pool/thread-pool.ts'
import { LocalFiles } from '../../src/main/storage/local-files.ts'
import { OriginalImageSource } from '../../src/main/storage/original-images.ts'
import { LeaseKeeper } from '../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../src/main/tasks/task-store.ts'
import { taskFolder } from '../../src/processors/object-paths.ts'
import { Failure } from '../../src/processors/failure.ts'
import type { Outcome } from '../../src/processors/outcome.ts'
import { ProcessorRegistry } from '../../src/processors/registry.ts'
import type { ImageStore } from '../../src/processors/services.ts'
import { REFINEMENT, type TaskReference } from '../../src/processors/task.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { recordedLog } from '../setup/recorded-log.ts'
import { insertTask } from '../setup/task-rows.ts'
import { createTestDatabase } from '../setup/test-database.ts'

const USER = 'user-1'
const GENERATED = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 2 }
const MAX_BYTES = 1_000_000

type Stage = 'generate_image' | 'refine_image' | 'generate_palettes'
type Call = { readonly key: string; readonly stage: Stage; readonly taskId: string }

let folder: string
let pool: Pool
let server: Server
let threads: ThreadPool
let models: HuggingFaceModels
let store: LocalFiles
let folders: TaskFolders
let worker: TestProcessors
let other: TestProcessors

/** Every call that the models got. */
const calls: Call[] = []
/** Runs before a model answers a call; a promise of false leaves the caller without an answer. */
let beforeAnswer: (call: Call, response: ServerResponse) => unknown
/** Runs before an object is stored. */
let beforePut: (path: string) => unknown

type TestProcessors = { readonly registry: ProcessorRegistry; readonly leases: LeaseKeeper }

/** What a worker has, but for its messages: real models over HTTP, threads, store and database. */
function newWorker(workerId: string): TestProcessors {
  const { log } = recordedLog()
  const leases = new LeaseKeeper(pool, 60_000, log)
  const download = { fetch: () => Promise.reject(new Error('must not be called')) }
  const watchedStore: ImageStore = {
    put: async (path, image, signal) => {
      await beforePut(path)
      return store.put(path, image, signal)
    },
    read: (path, maxBytes, signal) => store.read(path, maxBytes, signal),
    keepOnly: (of, paths) => store.keepOnly(of, paths),
  }
  const registry = new ProcessorRegistry({
    tasks: new TaskStore(pool, leases, { workerId, leaseMs: 60_000, maxAttempts: 5 }),
    concepts: new ConceptStore(pool, leases),
    checkpoints: new CheckpointStore(pool),
    folders,
    models,
    images: new ImageThreads(threads, {
      limits: IMAGE_LIMITS,
      editInputSidePx: 64,
      format: OUTPUT_FORMAT,
      strength: 1,
    }),
    store: watchedStore,
    originals: new OriginalImageSource(store, download, MAX_BYTES),
    log,
  })
  return { registry, leases }
}

/** Every image that the models make is another one, and so is every palette. */
async function newImage(salt: number): Promise<Buffer> {
  const colour = { r: (salt * 53) % 256, g: (salt * 101) % 256, b: (salt * 151) % 256 }
  const square = { create: { width: 20, height: 20, channels: 3, background: '#ff8800' } } as const
  return sharp({ create: { width: 48, height: 48, channels: 3, background: colour } })
    .composite([{ input: await sharp(square).png().toBuffer(), left: 14, top: 14 }])
    .webp({ lossless: true })
    .toBuffer()
}

function newPalettes(salt: number): string {
  const colors = ['#101010', '#20A020', '#3030C0', '#F0F0F0']
  const palettes = ['A0', 'B0'].map((end) => ({
    name: `${end} of call ${salt}`,
    description: '',
    colors: [...colors, `#${String(salt).padStart(4, '0')}${end}`],
  }))
  return JSON.stringify({
    choices: [{ message: { role: 'assistant', content: JSON.stringify({ palettes }) } }],
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concept-worker-resumption-'))
  const started = await startHttpServer((request, response) => {
    void bodyOf(request).then(async () => {
      const key = String(request.headers['idempotency-key'])
      const [taskId, stage] = key.split('/') as [string, Stage]
      const call = { key, stage, taskId }
      const salt = calls.push(call)
      if ((await beforeAnswer(call, response)) === false) return
      if (stage === 'generate_palettes') {
        response.setHeader('content-type', 'application/json').end(newPalettes(salt))
      } else response.setHeader('content-type', 'image/webp').end(await newImage(salt))
    })
  })
  server = started.server
  pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
  threads = new ThreadPool({ minThreads: 1, maxThreads: 1, jobTimeoutMs: 60_000 })
  models = new HuggingFaceModels(
    {
      token: null,
      endpointUrl: started.url,
      imageModel: 'i',
      editModel: 'e',
      paletteModel: 'p',
      timeoutMs: 60_000,
    },
    { fetch: () => Promise.reject(new Error('must not be called')) },
  )
  store = new LocalFiles(pathToFileURL(folder).href)
  folders = new TaskFolders(pool)
  worker = newWorker('one')
  other = newWorker('other')
})

afterAll(async () => {
  await threads.stop()
  await models.stop()
  await stopHttpServer(server)
  await Promise.all([worker.leases.stop(), other.leases.stop()])
  await pool.end()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => {
  beforeAnswer = () => undefined
  beforePut = () => undefined
})

const generation = () => insertTask(pool, { userId: USER, fields: GENERATED })

/** Of a picture that the user has in the store. */
async function refinement(): Promise<{ task: TaskReference; original: string }> {
  const original = join(folder, 'users', USER, `${randomUUID()}.webp`)
  await mkdir(dirname(original), { recursive: true })
  await writeFile(original, await newImage(0))
  const url = pathToFileURL(original).href
  const fields = { refinement_prompt: 'warmer', original_image_url: url, num_palettes: 2 }
  return { original, task: await insertTask(pool, { userId: USER, taskType: REFINEMENT, fields }) }
}

/** Runs one attempt at the task to its end. */
const attempt = (task: TaskReference, stopping?: AbortSignal, { registry } = worker): Promise<Outcome> =>
  registry.get(task.taskType).process(task, stopping ?? new AbortController().signal)

/** Runs an attempt that is interrupted when the model of this stage is called. */
async function attemptUpToCall(stage: Stage, task: TaskReference): Promise<void> {
  const stop = new AbortController()
  beforeAnswer = (call) => {
    if (call.stage !== stage) return true
    stop.abort(new Error('the worker stops'))
    return false
  }
  expect(await attempt(task, stop.signal)).toEqual({ kind: 'interrupted' })
  beforeAnswer = () => undefined
}

/** Runs an attempt that is interrupted when an object of such a name is stored. */
async function attemptUpToObject(name: string, task: TaskReference): Promise<void> {
  const stop = new AbortController()
  beforePut = (path) => {
    if (path.includes(`/${name}`)) stop.abort(new Error('the worker stops'))
  }
  expect(await attempt(task, stop.signal)).toEqual({ kind: 'interrupted' })
  beforePut = () => undefined
}

const stagesPaid = ({ taskId }: TaskReference) =>
  calls.filter((call) => call.taskId === taskId).map(({ stage }) => stage)

const filesOf = (taskId: string) => readdir(join(folder, taskFolder(USER, taskId)))

async function completed(task: TaskReference): Promise<TaskView> {
  const view = await readTaskView(pool, task.taskId)
  expect(view?.status).toBe('completed')
  return view!
}

const resumedStages = ({ stages }: TaskView) =>
  stages.filter(({ outcome }) => outcome === 'resumed').map(({ stage }) => stage)

const namesOf = ({ concept }: TaskView) =>
  [concept!.imagePath, ...concept!.variations.map(({ imagePath }) => imagePath)].map((path) => basename(path))

const keptPath = async ({ taskId }: TaskReference): Promise<string> => {
  const [paid] = (await filesOf(taskId)).filter((name) => name.startsWith('paid-'))
  return join(folder, taskFolder(USER, taskId), paid!)
}

/** Another worker can have the task from now on. */
const endLease = ({ taskId }: TaskReference) =>
  pool.query(`UPDATE tasks SET lease_expires_at = now() - interval '1 minute' WHERE id = $1`, [taskId])

const rowsLeft = async ({ taskId }: TaskReference) => {
  const { rows } = await pool.query<{ checkpoints: string; folders: string }>(
    `SELECT (SELECT count(*) FROM task_checkpoints WHERE task_id = $1) AS checkpoints,
            (SELECT count(*) FROM task_folders WHERE task_id = $1) AS folders`,
    [taskId],
  )
  return rows[0]
}

describe('a task whose worker is gone', () => {
  it('after the image was paid for goes on from it', async () => {
    const task = await generation()
    await attemptUpToCall('generate_palettes', task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes', 'generate_palettes'])
    expect(resumedStages(await completed(task))).toEqual(['generate_image'])
  })

  it('after the palettes were paid for goes on from both', async () => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
    const view = await completed(task)
    expect(resumedStages(view)).toEqual(['generate_image', 'generate_palettes'])
    const place = calls.findIndex(
      ({ taskId, stage }) => taskId === task.taskId && stage === 'generate_palettes',
    )
    expect(view.concept!.variations.map(({ paletteName, derived }) => [paletteName, derived])).toEqual([
      [`A0 of call ${place + 1}`, false],
      [`B0 of call ${place + 1}`, false],
    ])
  })

  it('between the answer of the model and its keeping has it kept all the same', async () => {
    const task = await generation()
    await attemptUpToObject('paid-', task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('after a refinement was paid for goes on from it, even if the original is gone', async () => {
    const { task, original } = await refinement()
    await attemptUpToCall('generate_palettes', task)
    await rm(original)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['refine_image', 'generate_palettes', 'generate_palettes'])
    expect(resumedStages(await completed(task))).toEqual(['refine_image', 'fetch_original'])
  })

  it('as often as that happens pays for each result once', async () => {
    const task = await generation()
    for (const place of ['base-', 'variation-00', 'variation-01']) await attemptUpToObject(place, task)
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    // The palettes are asked for while the base image is stored.
    expect(stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(1)
    expect(stagesPaid(task).length).toBeLessThanOrEqual(3)
  })

  it('leaves nothing behind in the end but what its concept names', async () => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    await attempt(task)
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(await completed(task)).toSorted())
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })
})

describe('a task that is tried again after an error', () => {
  it('of the store pays for no model again', async () => {
    const task = await generation()
    beforePut = (path) => {
      if (path.includes('variation-')) throw new Failure('storage', 'the disk is full')
    }
    expect(await attempt(task)).toMatchObject({ kind: 'retry' })
    beforePut = () => undefined
    await pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })

  it('of the model, which sent half an image, asks for another one', async () => {
    const task = await generation()
    beforeAnswer = async ({ stage }, response) => {
      if (stage !== 'generate_image') return true
      response.end((await newImage(1)).subarray(0, 40))
      return false
    }
    expect(await attempt(task)).toMatchObject({ kind: 'retry', failure: { category: 'invalid_output' } })
    beforeAnswer = () => undefined
    expect(await rowsLeft(task)).toMatchObject({ checkpoints: '0' })
    await pool.query('UPDATE tasks SET run_at = now() WHERE id = $1', [task.taskId])
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_image', 'generate_palettes'])
  })
})

describe('a kept image', () => {
  it.each<[string, (file: string) => Promise<unknown>]>([
    ['is gone', (file) => rm(file)],
    ['is cut off', (file) => truncate(file, 40)],
    ['is another one', async (file) => writeFile(file, await newImage(77))],
  ])('that %s is made anew', async (_, harm) => {
    const { task } = await refinement()
    await attemptUpToCall('generate_palettes', task)
    await harm(await keptPath(task))
    expect(await attempt(task)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task)).toEqual([
      'refine_image',
      'generate_palettes',
      'refine_image',
      'generate_palettes',
    ])
    const view = await completed(task)
    expect(resumedStages(view)).toEqual([])
    expect(view.stages).toContainEqual(
      expect.objectContaining({ stage: 'refine_image', outcome: 'failed', errorCode: 'invalid_image' }),
    )
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(view).toSorted())
  })

  it('is not given to another request of the same task', async () => {
    const task = await generation()
    await attemptUpToCall('generate_palettes', task)
    const changed = { ...task, fields: { ...GENERATED, logo_description: 'an owl' } }
    expect(await attempt(changed)).toMatchObject({ kind: 'completed' })
    expect(stagesPaid(task).filter((stage) => stage === 'generate_image')).toHaveLength(2)
  })
})

describe('a worker that lost its task without knowing it', () => {
  it('neither replaces nor removes anything of the one that has it', async () => {
    const task = await generation()
    const [asked, answer] = [new Latch(), new Latch()]
    beforeAnswer = async ({ stage }) => {
      if (stage !== 'generate_image') return
      asked.open()
      await answer.opened
    }
    const stale = attempt(task)
    await asked.opened
    beforeAnswer = () => undefined
    await endLease(task)
    expect(await attempt(task, undefined, other)).toMatchObject({ kind: 'completed' })
    const view = await completed(task)
    const before = await picturesOf(view)
    answer.open()

    expect(await stale).toEqual({ kind: 'lost' })
    expect(await picturesOf(view)).toEqual(before)
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '1' })
    // What it had stored is on the list, and is removed by whoever comes next.
    expect((await filesOf(task.taskId)).length).toBe(before.length + 1)
    while (await folders.tidyOne(store, 0));
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(view).toSorted())
    expect(await picturesOf(view)).toEqual(before)
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })

  it('stores the very same pictures where both go on from the same image', async () => {
    const task = await generation()
    const [storing, goOn] = [new Latch(), new Latch()]
    beforePut = async (path) => {
      if (!path.includes('variation-00')) return
      storing.open()
      await goOn.opened
    }
    const stale = attempt(task)
    await storing.opened
    beforePut = () => undefined
    await endLease(task)
    expect(await attempt(task, undefined, other)).toMatchObject({ kind: 'completed' })
    const view = await completed(task)
    const before = await picturesOf(view)
    goOn.open()
    expect(await stale).toEqual({ kind: 'lost' })
    expect(await picturesOf(view)).toEqual(before)
    expect((await filesOf(task.taskId)).toSorted()).toEqual(namesOf(view).toSorted())
    expect(stagesPaid(task)).toEqual(['generate_image', 'generate_palettes'])
  })
})

describe('a task that ends without a concept', () => {
  it.each(['failed', 'cancelled'])('because it has %s keeps no objects', async (status) => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    expect(await filesOf(task.taskId)).not.toEqual([])
    await pool.query('UPDATE tasks SET status = $2 WHERE id = $1', [task.taskId, status])
    while (await folders.tidyOne(store, 0));
    expect(await filesOf(task.taskId)).toEqual([])
    expect(await rowsLeft(task)).toEqual({ checkpoints: '0', folders: '0' })
  })

  it('keeps them as long as it may still be tried again', async () => {
    const task = await generation()
    await attemptUpToObject('variation-', task)
    const before = await filesOf(task.taskId)
    while (await folders.tidyOne(store, 0));
    expect(await filesOf(task.taskId)).toEqual(before)
  })
})

describe('the key of a model call', () => {
  it('names task, stage and attempt, and stays the same when an interrupted attempt begins again', async () => {
    const task = await generation()
    await attemptUpToCall('generate_palettes', task)
    await attempt(task)
    expect(calls.filter(({ taskId }) => taskId === task.taskId).map(({ key }) => key)).toEqual([
      `${task.taskId}/generate_image/1`,
      `${task.taskId}/generate_palettes/1`,
      `${task.taskId}/generate_palettes/1`,
    ])
  })
})

const picturesOf = ({ concept }: TaskView): Promise<Buffer[]> =>
  Promise.all(
    [concept!.imageUrl, ...concept!.variations.map(({ imageUrl }) => imageUrl)].map((url) =>
      readFile(fileURLToPath(url)),
    ),
  )

class Latch {
  open: () => void = () => undefined
  readonly opened = new Promise<void>((resolve) => (this.open = resolve))
}
