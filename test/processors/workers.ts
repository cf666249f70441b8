import { mkdtemp, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Pool } from 'pg'
import sharp from 'sharp'
import { CheckpointStore } from '../../src/main/concepts/checkpoint-store.ts'
import { ConceptStore } from '../../src/main/concepts/concept-store.ts'
import { TaskFolders } from '../../src/main/concepts/task-folders.ts'
import { createDatabasePool } from '../../src/main/database/pool.ts'
import { ModelThread } from '../../src/main/models/model-thread.ts'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { ImageMemory } from '../../src/main/pool/image-memory.ts'
import { ImageThreads } from '../../src/main/pool/image-threads.ts'
import { ThreadPool } from '../../src/main/pool/thread-pool.ts'
import { LocalFiles } from '../../src/main/storage/local-files.ts'
import { OriginalImageSource } from '../../src/main/storage/original-images.ts'
import { LeaseKeeper } from '../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../src/main/tasks/task-store.ts'
import { ProcessorRegistry } from '../../src/processors/registry.ts'
import type { ImageStore } from '../../src/processors/services.ts'
import type { PayingStage } from '../../src/processors/stage-clock.ts'
import type { StageTiming } from '../../src/processors/stage-clock.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { recordedLog, type LogLine } from '../setup/recorded-log.ts'
import { createTestDatabase } from '../setup/test-database.ts'

const TARGET = { model: 'm', provider: null, endpointUrl: null, parameters: {} }
const TARGETS = { image: TARGET, edit: TARGET, palette: TARGET }

const MAX_BYTES = 1_000_000

/** A call that the models got. */
export type Call = { readonly key: string; readonly stage: PayingStage; readonly taskId: string }

/** Where a test reaches into the work. */
export type Hooks = {
  /** Runs before a model answers; false, or a promise of it, leaves the answer to the hook, or to nobody. */
  beforeAnswer: (call: Call, response: ServerResponse) => unknown
  /** Runs before an object is stored. */
  beforePut: (path: string) => unknown
}

export type Workers = {
  readonly folder: string
  readonly pool: Pool
  readonly store: LocalFiles
  readonly folders: TaskFolders
  /** All calls so far. */
  readonly calls: readonly Call[]
  /** All that they logged, and the stages and steps that they measured, so far. */
  readonly lines: readonly LogLine[]
  readonly timings: readonly StageTiming[]
  readonly hooks: Hooks
  readonly worker: ProcessorRegistry
  readonly other: ProcessorRegistry
  stop(): Promise<void>
}

/** Two workers, but for their messages, on one database and one folder; their models count what they are asked for. */
export async function startWorkers({ modelEntry }: { modelEntry?: URL } = {}): Promise<Workers> {
  const folder = await mkdtemp(join(tmpdir(), 'concept-worker-resumption-'))
  const hooks: Hooks = { beforeAnswer: () => undefined, beforePut: () => undefined }
  const calls: Call[] = []
  const { url, server } = await startHttpServer((request, response) => {
    void bodyOf(request).then(async () => {
      const key = String(request.headers['idempotency-key'])
      const [taskId, stage] = key.split('/') as [string, PayingStage]
      const call = { key, stage, taskId }
      const salt = calls.push(call)
      if ((await hooks.beforeAnswer(call, response)) === false) return
      if (stage === 'generate_palettes') {
        response.setHeader('content-type', 'application/json').end(newPalettes(salt))
      } else response.setHeader('content-type', 'image/webp').end(await newImage(salt))
    })
  })
  const pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
  const threads = new ThreadPool({ minThreads: 1, maxThreads: 1, jobTimeoutMs: 60_000 })
  const download = { fetch: () => Promise.reject(new Error('must not be called')) }
  const models = new ModelThread(
    { ...TARGETS, token: null, endpointUrl: url, timeoutMs: 60_000 },
    modelEntry ? { entry: modelEntry } : {},
  )
  const store = new LocalFiles(pathToFileURL(folder).href)
  const folders = new TaskFolders(pool, 60_000)
  const { log, lines } = recordedLog()
  const timings: StageTiming[] = []
  const watchedStore: ImageStore = {
    put: async (path, image, signal) => {
      await hooks.beforePut(path)
      return store.put(path, image, signal)
    },
    get: (path, maxBytes, signal) => store.get(path, maxBytes, signal),
    keepOnly: (of, paths) => store.keepOnly(of, paths),
  }
  // Each has its own leases, so that one does not know what the other holds.
  const leases = [new LeaseKeeper(pool, 60_000, log), new LeaseKeeper(pool, 60_000, log)] as const
  const registryOf = (workerId: string, keeper: LeaseKeeper) =>
    new ProcessorRegistry({
      tasks: new TaskStore(pool, keeper, { workerId, leaseMs: 60_000, maxAttempts: 5 }),
      concepts: new ConceptStore(pool, keeper, 60_000),
      checkpoints: new CheckpointStore(pool, keeper, 60_000),
      folders,
      models,
      images: new ImageThreads(
        threads,
        new ImageMemory(1024 * 1024 * 1024, threads.threads),
        { limits: IMAGE_LIMITS, editInputSidePx: 64, format: OUTPUT_FORMAT, strength: 1 },
        () => undefined,
      ),
      store: watchedStore,
      originals: new OriginalImageSource(store, download, MAX_BYTES),
      log,
      meter: { stageEnded: (timing) => timings.push(timing) },
    })
  return {
    folder,
    pool,
    store,
    folders,
    calls,
    lines,
    timings,
    hooks,
    worker: registryOf('one', leases[0]),
    other: registryOf('other', leases[1]),
    async stop() {
      await threads.stop()
      await models.stop()
      await stopHttpServer(server)
      await Promise.all(leases.map((keeper) => keeper.stop()))
      await Promise.all([pool.end(), store.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every image that the models make is another one, and so is every palette. */
export async function newImage(salt: number): Promise<Buffer> {
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
