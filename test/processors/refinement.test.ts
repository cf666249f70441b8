import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TaskView } from '../../src/main/concepts/task-view.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { startTestWorker, type RunningWorker } from '../setup/running-worker.ts'
import { insertTask } from '../setup/task-rows.ts'

const USER = 'photographer'

let folder: string
let server: Server
let worker: RunningWorker
/** The pictures that the edit model was given, in the order of their calls. */
const given: Buffer[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concept-worker-originals-'))
  await mkdir(join(folder, 'users', USER), { recursive: true })
  const refined = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#336699' } })
    .png()
    .toBuffer()
  const started = await startHttpServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { inputs } = JSON.parse(body.toString()) as { inputs: string }
      given.push(Buffer.from(inputs, 'base64'))
      response.setHeader('content-type', 'image/png').end(refined)
    })
  })
  server = started.server
  worker = await startTestWorker(started.url, {
    STORAGE_URL: pathToFileURL(folder).href,
    IMAGE_FORMAT: 'webp',
  })
})

afterAll(async () => {
  await worker.stop()
  await stopHttpServer(server)
  await rm(folder, { recursive: true, force: true })
})

/** Refines a picture out of the user's own store. */
async function refine(
  name: string,
  picture: Buffer,
  more: object = {},
): Promise<{ task: TaskView; picture: Buffer }> {
  const file = join(folder, 'users', USER, name)
  await writeFile(file, picture)
  const fields = { refinement_prompt: 'warmer', original_image_url: pathToFileURL(file).href, ...more }
  const task = await worker.ended(await worker.submit('concept_refinement', fields, USER))
  expect(task).toMatchObject({ status: 'completed', attempt: 1 })
  return { task, picture: given.at(-1)! }
}

const canvas = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#cc5522' } })

/** Pixels that no lossy format keeps as they are. */
const noise = () =>
  sharp(Buffer.from(Array.from({ length: 20 * 20 * 3 }, (_, at) => (at * at * 31) % 256)), {
    raw: { width: 20, height: 20, channels: 3 },
  })
    .png()
    .toBuffer()

describe('the original of a refinement', () => {
  it('of 25 megapixels reaches the edit model with 1536 pixels on its longer side', async () => {
    const { picture } = await refine('large.jpg', await canvas(6000, 4200).jpeg().toBuffer())
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', width: 1536, height: 1075 })
  })

  it('that is small reaches it pixel by pixel', async () => {
    const logo = await readFile(new URL('../fixtures/images/emoji-1f98a.png', import.meta.url))
    const { picture } = await refine('small.png', logo)
    const [before, after] = await Promise.all([logo, picture].map((file) => sharp(file).raw().toBuffer()))
    expect(before!.equals(after!)).toBe(true)
  })

  it('in a format with losses reaches it without any more of them, whatever the worker is set to', async () => {
    const photo = await canvas(40, 30)
      .composite([{ input: await noise(), left: 5, top: 5 }])
      .webp()
      .toBuffer()
    const { picture } = await refine('photo.webp', photo)
    const [before, after] = await Promise.all([photo, picture].map((file) => sharp(file).raw().toBuffer()))
    expect(before!.equals(after!)).toBe(true)
  })

  it('is fetched and shrunk in steps of one stage', async () => {
    const { task } = await refine('steps.png', await canvas(20, 20).png().toBuffer())
    const steps = task.stages.filter(({ stage, step }) => stage === 'fetch_original' && step !== null)
    expect(steps.map(({ step }) => step)).toEqual(['fetch', 'shrink'])
  })
})

describe("a refinement of one of the user's concepts", () => {
  it('is as public as that, unless its message says otherwise', async () => {
    const picture = await canvas(20, 20).png().toBuffer()
    const original = await ownConcept('public.png')
    const { task } = await refine('public.png', picture)
    expect(task.concept).toMatchObject({ originalConceptId: original, isAnonymous: false })
    const { task: hidden } = await refine('public.png', picture, { is_anonymous: true })
    expect(hidden.concept).toMatchObject({ originalConceptId: original, isAnonymous: true })
  })

  it('of a picture that belongs to no concept is anonymous', async () => {
    const { task } = await refine('alone.png', await canvas(20, 20).png().toBuffer())
    expect(task.concept).toMatchObject({ originalConceptId: null, isAnonymous: true })
  })
})

/** A concept of the user's that is not anonymous and has this picture; answers its id. */
async function ownConcept(name: string): Promise<string> {
  const { taskId } = await insertTask(worker.pool, { userId: USER })
  await worker.pool.query(`UPDATE tasks SET status = 'completed' WHERE id = $1`, [taskId])
  const { rows } = await worker.pool.query<{ id: string }>(
    `INSERT INTO concepts
       (id, user_id, task_id, logo_description, theme_description, image_path, image_url, is_anonymous)
     VALUES (gen_random_uuid(), $1, $2, 'a fox', 'autumn', $3, 'u', false) RETURNING id`,
    [USER, taskId, `users/${USER}/${name}`],
  )
  return rows[0]!.id
}
