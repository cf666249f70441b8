import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedModels, startTestWorker, type RunningWorker } from '../../setup/running-worker.ts'
import { S3_CREDENTIALS, startCloudStorage, startS3, type TestServer } from './stores.ts'

const generation = { logo_description: 'a fox', theme_description: 'autumn forest', num_palettes: 2 }

let models: { url: string; stop: () => Promise<void> }

beforeAll(async () => {
  Object.assign(process.env, S3_CREDENTIALS)
  models = await startEmbeddedModels()
})

afterAll(() => models.stop())

describe.each<[string, () => Promise<TestServer>, Readonly<Record<string, string>>]>([
  ['S3, with signed URLs', startS3, { SIGNED_URL_LIFETIME_MS: '60000' }],
  ['Cloud Storage', startCloudStorage, {}],
])('a worker on %s', (_, start, env) => {
  let server: TestServer
  let worker: RunningWorker

  beforeAll(async () => {
    server = await start()
    worker = await startTestWorker(models.url, { ...server.env, ...env })
  })

  afterAll(async () => {
    await worker.stop()
    await server.stop()
  })

  it('stores pictures whose URLs anybody can follow, and refines what it has stored', async () => {
    const original = await worker.ended(await worker.submit('concept_generation', generation))
    const { imageUrl, variations } = original.concept!
    for (const url of [imageUrl, ...variations.map((variation) => variation.imageUrl)]) {
      const answer = await fetch(url)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
      await answer.body?.cancel()
    }
    const refinement = { refinement_prompt: 'make it blue', original_image_url: variations[1]!.imageUrl }
    const refined = await worker.ended(await worker.submit('concept_refinement', refinement))
    expect(refined.status).toBe('completed')
    expect(refined.concept!.originalConceptId).toBe(original.concept!.id)
  })

  it('lets a task wait while the bucket fails, and finishes it then', async () => {
    server.misbehave((request, response) => {
      request.resume()
      response.writeHead(503).end()
    })
    const taskId = await worker.submit('concept_generation', { ...generation, num_palettes: 1 })
    const retry = await worker.logged('task will be retried')
    server.misbehave(null)
    expect(retry).toMatchObject({ taskId, afterMs: expect.any(Number) })
    expect((await worker.ended(taskId)).status).toBe('completed')
  })
})
