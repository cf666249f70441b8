import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConceptView } from '../../src/main/concepts/task-view.ts'
import { LocalFiles } from '../../src/main/storage/local-files.ts'
import { LeaseKeeper } from '../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../src/main/tasks/task-store.ts'
import { baseImagePath, taskFolder, variationPath } from '../../src/processors/object-paths.ts'
import { recordedLog } from '../setup/recorded-log.ts'
import { startEmbeddedModels, startTestWorker, type RunningWorker } from '../setup/running-worker.ts'
import { insertTask } from '../setup/task-rows.ts'

const USER = 'user-1'
const generation = { logo_description: 'a fox', theme_description: 'autumn forest', num_palettes: 2 }
const { signal } = new AbortController()

let folder: string
let models: { url: string; stop: () => Promise<void> }
let worker: RunningWorker

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-format-'))
  models = await startEmbeddedModels()
  worker = await startTestWorker(models.url, {
    STORAGE_URL: pathToFileURL(folder).href,
    IMAGE_FORMAT: 'webp',
    RECOLOUR_STRENGTH: '0',
  })
})

afterAll(async () => {
  await worker.stop()
  await models.stop()
  await rm(folder, { recursive: true, force: true })
})

const urlsOf = ({ imageUrl, variations }: ConceptView) => [
  imageUrl,
  ...variations.map((variation) => variation.imageUrl),
]

async function formatsOf(concept: ConceptView): Promise<unknown[]> {
  return Promise.all(
    urlsOf(concept).map(async (url) => (await sharp(await readFile(fileURLToPath(url))).metadata()).format),
  )
}

const filesOf = (taskId: string) => readdir(join(folder, taskFolder(USER, taskId)))

describe('a worker that is set to WebP', () => {
  it('stores WebP under names that say so, and refines what it has stored', async () => {
    const original = await worker.ended(await worker.submit('concept_generation', generation))
    expect(await formatsOf(original.concept!)).toEqual(['webp', 'webp', 'webp'])
    const mark = '-[0-9a-f]{12}\\.webp$'
    const names = [`^base${mark}`, `^variation-00${mark}`, `^variation-01${mark}`]
    await expect
      .poll(async () => (await filesOf(original.id)).toSorted())
      .toEqual(names.map((name) => expect.stringMatching(name)))
    const refined = await worker.ended(
      await worker.submit('concept_refinement', {
        refinement_prompt: 'make it blue',
        original_image_url: original.concept!.variations[1]!.imageUrl,
        num_palettes: 1,
      }),
    )
    expect(refined.status).toBe('completed')
    expect(refined.concept!.originalConceptId).toBe(original.concept!.id)
    expect(await formatsOf(refined.concept!)).toEqual(['webp', 'webp'])
  })

  it('recolours as far as RECOLOUR_STRENGTH says: not at all for 0', async () => {
    const { concept } = await worker.ended(await worker.submit('concept_generation', generation))
    const [base, ...variations] = await Promise.all(
      urlsOf(concept!).map((url) => readFile(fileURLToPath(url))),
    )
    for (const variation of variations) expect(variation).toEqual(base)
  })

  it('leaves nothing of an attempt that another worker, set to PNG, began and gave back', async () => {
    const reference = await insertTask(worker.pool, { userId: USER, fields: generation })
    const { taskId } = reference
    const leases = new LeaseKeeper(worker.pool, 60_000, recordedLog().log)
    const other = new TaskStore(worker.pool, leases, { workerId: 'other', leaseMs: 60_000, maxAttempts: 5 })
    const claim = await other.claim(reference)
    if (claim.kind !== 'claimed') throw new Error(`not claimed: ${claim.reason}`)
    const store = new LocalFiles(pathToFileURL(folder).href)
    const png = { bytes: new Uint8Array(1), contentType: 'image/png', width: 1, height: 1 } as const
    await store.put(baseImagePath(USER, taskId, 'other', 'image/png'), png, signal)
    await store.put(variationPath(USER, taskId, 0, 'other', 'image/png'), png, signal)
    await store.close()
    await other.release(claim.task, [])
    await leases.stop()

    await worker.publish(
      JSON.stringify({ task_id: taskId, user_id: USER, task_type: reference.taskType, ...generation }),
    )
    // The folder is tidied up a moment after the task has ended.
    const task = await worker.ended(taskId)
    expect(task.status).toBe('completed')
    const named = urlsOf(task.concept!).map((url) => basename(fileURLToPath(url)))
    await expect.poll(() => filesOf(taskId)).toHaveLength(named.length)
    expect((await filesOf(taskId)).toSorted()).toEqual(named.toSorted())
    expect(named.every((name) => name.endsWith('.webp'))).toBe(true)
  })
})
