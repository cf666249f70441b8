import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TaskView } from '../../src/main/concepts/task-view.ts'
import { startEmbeddedModels, startTestWorker, type RunningWorker } from '../setup/running-worker.ts'

const generation = { logo_description: 'a fox', theme_description: 'autumn forest', num_palettes: 3 }

let models: { url: string; stop: () => Promise<void> }
let worker: RunningWorker

beforeAll(async () => {
  models = await startEmbeddedModels()
  worker = await startTestWorker(models.url)
})

afterAll(async () => {
  await worker.stop()
  await models.stop()
})

async function sizeOf(url: string) {
  const { width, height, format } = await sharp(await readFile(fileURLToPath(url))).metadata()
  return { width, height, format }
}

const stagesOf = (task: TaskView) => task.stages.filter(({ step }) => step === null).map(({ stage }) => stage)

describe('a generation task', () => {
  it('becomes a concept with one stored variation for each palette, and its stages are timed', async () => {
    const task = await worker.ended(await worker.submit('concept_generation', generation))
    expect(task).toMatchObject({
      status: 'completed',
      attempt: 1,
      errorCode: null,
      resultId: task.concept?.id,
    })
    expect(task.concept).toMatchObject({
      logoDescription: 'a fox',
      themeDescription: 'autumn forest',
      isAnonymous: true,
      refinementPrompt: null,
    })
    expect(task.concept!.swatches.length).toBeGreaterThan(0)
    expect(task.concept!.variations).toHaveLength(3)
    const urls = [task.concept!.imageUrl, ...task.concept!.variations.map(({ imageUrl }) => imageUrl)]
    expect(new Set(urls).size).toBe(4)
    for (const url of urls) expect(await sizeOf(url)).toEqual({ width: 1024, height: 1024, format: 'png' })
    expect(stagesOf(task).toSorted()).toEqual([
      'create_variations',
      'generate_image',
      'generate_palettes',
      'prepare_image',
      'store_concept',
      'store_image',
    ])
  })

  it('stores the base image while it makes the palettes', async () => {
    const task = await worker.ended(await worker.submit('concept_generation', generation))
    const at = (name: string) => task.stages.find(({ stage, step }) => stage === name && step === null)!
    const [store, palettes] = [at('store_image'), at('generate_palettes')]
    const paletteEnd = palettes.startedAt.getTime() + palettes.waitMs + palettes.runMs
    const storeEnd = store.startedAt.getTime() + store.waitMs + store.runMs
    expect(store.startedAt.getTime()).toBeLessThan(paletteEnd)
    expect(palettes.startedAt.getTime()).toBeLessThan(storeEnd)
  })

  it('makes seven palettes when the message names no number', async () => {
    const { num_palettes: _, ...unnumbered } = generation
    const task = await worker.ended(await worker.submit('concept_generation', unnumbered))
    expect(task.concept!.variations).toHaveLength(7)
  })

  it('is done once, however often its message comes', async () => {
    const taskId = await worker.submit('concept_generation', generation)
    const message = JSON.stringify({
      task_id: taskId,
      user_id: 'user-1',
      task_type: 'concept_generation',
      ...generation,
    })
    await Promise.all([worker.publish(message), worker.publish(message)])
    const first = await worker.ended(taskId)
    await worker.publish(message)
    // A later task's end shows that the last message, too, has been handled.
    await worker.ended(await worker.submit('concept_generation', generation))
    const { rows } = await worker.pool.query('SELECT id FROM concepts WHERE task_id = $1', [taskId])
    expect(rows).toEqual([{ id: first.resultId }])
    expect(await worker.ended(taskId)).toMatchObject({ attempt: 1, resultId: first.resultId })
  })
})

describe('a refinement task', () => {
  it('keeps the descriptions of the concept it refines, and links to it', async () => {
    const original = await worker.ended(await worker.submit('concept_generation', generation))
    const task = await worker.ended(
      await worker.submit('concept_refinement', {
        refinement_prompt: 'make it blue',
        original_image_url: original.concept!.imageUrl,
      }),
    )
    expect(task.status).toBe('completed')
    expect(task.concept).toMatchObject({
      logoDescription: 'a fox',
      themeDescription: 'autumn forest',
      refinementPrompt: 'make it blue',
      originalImageUrl: original.concept!.imageUrl,
      originalConceptId: original.concept!.id,
      variations: [],
    })
    expect(await readFile(fileURLToPath(task.concept!.imageUrl))).not.toEqual(
      await readFile(fileURLToPath(original.concept!.imageUrl)),
    )
    expect(stagesOf(task)).toEqual([
      'fetch_original',
      'refine_image',
      'prepare_image',
      'store_image',
      'store_concept',
    ])
  })

  it('of a variation links to the concept too, and makes variations when asked for', async () => {
    const original = await worker.ended(await worker.submit('concept_generation', generation))
    const task = await worker.ended(
      await worker.submit('concept_refinement', {
        refinement_prompt: 'add a ring',
        original_image_url: original.concept!.variations[1]!.imageUrl,
        logo_description: 'a fox in a ring',
        num_palettes: 2,
      }),
    )
    expect(task.concept).toMatchObject({
      logoDescription: 'a fox in a ring',
      themeDescription: 'autumn forest',
      originalConceptId: original.concept!.id,
    })
    expect(task.concept!.variations).toHaveLength(2)
  })

  it('hostile: of an image of another user fails, and does not say whether there is one', async () => {
    const original = await worker.ended(await worker.submit('concept_generation', generation, 'owner'))
    const refine = (url: string) =>
      worker.submit('concept_refinement', { refinement_prompt: 'x', original_image_url: url }, 'thief')
    const [stolen, absent] = await Promise.all(
      [original.concept!.imageUrl, original.concept!.imageUrl.replace('base', 'none')].map(async (url) =>
        worker.ended(await refine(url)),
      ),
    )
    expect(stolen).toMatchObject({ status: 'failed', errorCode: 'original_unavailable', concept: null })
    expect(absent!.errorMessage).toBe(stolen!.errorMessage)
  })
})

describe('hostile messages: bad input beside good tasks', () => {
  it('has a clear outcome each, and the good tasks complete', async () => {
    const good = worker.submit('concept_generation', generation)
    const noJson = await worker.publish('not JSON')
    const noIds = await worker.publish(JSON.stringify({ task_type: 'concept_generation' }))
    const unknown = await worker.submit('concept_dance', generation)
    const badFields = await worker.submit('concept_generation', {
      ...generation,
      num_palettes: 'abc',
      logo_description: '',
    })
    const otherUsers = randomUUID()
    await worker.pool.query(
      `INSERT INTO tasks (id, user_id, type) VALUES ($1, 'owner', 'concept_generation')`,
      [otherUsers],
    )
    await worker.publish(
      JSON.stringify({
        task_id: otherUsers,
        user_id: 'thief',
        task_type: 'concept_generation',
        ...generation,
      }),
    )
    const alsoGood = worker.submit('concept_generation', generation)

    expect(await worker.ended(unknown)).toMatchObject({
      status: 'failed',
      errorCode: 'unknown_task_type',
      errorMessage: 'task_type: expected concept_generation or concept_refinement',
    })
    const failed = await worker.ended(badFields)
    expect(failed).toMatchObject({ status: 'failed', errorCode: 'invalid_request' })
    expect(failed.errorMessage).toContain('num_palettes: expected a whole number from 1 to 15')
    expect(failed.errorMessage).toContain('logo_description: expected text')
    expect(await worker.ended(await good)).toMatchObject({ status: 'completed' })
    expect(await worker.ended(await alsoGood)).toMatchObject({ status: 'completed' })

    const { rows: kept } = await worker.pool.query<{ message_id: string; reason: string }>(
      'SELECT message_id, reason FROM quarantined_messages',
    )
    expect(kept).toEqual(
      expect.arrayContaining([
        { message_id: noJson, reason: 'expected JSON in UTF-8 without a byte order mark' },
        { message_id: noIds, reason: 'task_id: expected a UUID' },
      ]),
    )
    const { rows } = await worker.pool.query('SELECT status, attempt FROM tasks WHERE id = $1', [otherUsers])
    expect(rows).toEqual([{ status: 'pending', attempt: 0 }])
  })
})

describe('hostile messages: a message that names another type than its task has', () => {
  it('changes nothing: it is set aside, and the real one beside it completes the task', async () => {
    const taskId = randomUUID()
    await worker.pool.query(
      `INSERT INTO tasks (id, user_id, type) VALUES ($1, 'user-1', 'concept_generation')`,
      [taskId],
    )
    const named = (taskType: string) =>
      worker.publish(
        JSON.stringify({ task_id: taskId, user_id: 'user-1', task_type: taskType, ...generation }),
      )
    const forged = await Promise.all([named('concept_refinement'), named('concept_dance\0')])
    await named('concept_generation')
    expect(await worker.ended(taskId)).toMatchObject({ status: 'completed', attempt: 1 })
    const reason = "task_type: expected the type that the task's row has"
    await expect
      .poll(async () => {
        const { rows } = await worker.pool.query<{ message_id: string }>(
          'SELECT message_id FROM quarantined_messages WHERE reason = $1',
          [reason],
        )
        return rows.map((row) => row.message_id).toSorted()
      })
      .toEqual(forged.toSorted())
  })
})

describe('the health endpoints', () => {
  it('say that the worker lives and is ready', async () => {
    const get = (path: string) => fetch(`http://127.0.0.1:${worker.httpPort}${path}`)
    expect((await get('/livez')).status).toBe(200)
    const ready = await get('/readyz')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toEqual({ ready: true, postgres: true, subscription: true, accepting: true })
    expect((await get('/other')).status).toBe(404)
  })
})

describe('the log', () => {
  it('holds no prompt and no description', async () => {
    const secret = `canary${randomUUID()}`
    const fields = { ...generation, logo_description: `a fox ${secret}`, theme_description: secret }
    await worker.ended(await worker.submit('concept_generation', fields))
    await worker.ended(await worker.submit('concept_generation', { ...fields, num_palettes: 99 }))
    expect(worker.logLines.length).toBeGreaterThan(0)
    expect(worker.logLines.join('')).not.toContain(secret)
  })
})
