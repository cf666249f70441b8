import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Dependencies } from '../../../src/main/availability/held-tasks.ts'
import { GovernedStorage } from '../../../src/main/storage/governed-storage.ts'
import { LocalFiles } from '../../../src/main/storage/local-files.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { startTestWorker } from '../../setup/running-worker.ts'

const LOGO = new URL('../../fixtures/images/logo-bazel-icon.png', import.meta.url)
const OPTIONS = { threshold: 2, firstOpenMs: 20, maxOpenMs: 20, maxRetryAfterMs: 20 }
const IMAGE = { bytes: new Uint8Array([1, 2, 3]), contentType: 'image/png' } as const
const PALETTE = { name: 'Good', colors: ['#111111', '#222222', '#333333', '#FFFFFF', '#555555'] }
const PALETTES = JSON.stringify({
  choices: [{ message: { role: 'assistant', content: JSON.stringify({ palettes: [PALETTE] }) } }],
})
const { signal: patient } = new AbortController()

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concept-worker-governed-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A folder of images whose disk is "gone" while a file lies in its place. */
async function lossyFolder(name: string) {
  const root = join(folder, name)
  await mkdir(root)
  const lose = async () => {
    await rm(root, { recursive: true })
    await writeFile(root, '')
  }
  const bring = async () => {
    await rm(root)
    // The storage looks after its folder as well, and may have made it meanwhile.
    await mkdir(root, { recursive: true })
  }
  return { root, lose, bring }
}

describe('an image storage that is down', () => {
  it('is left alone: calls wait, and go on when one of them has found it well again', async () => {
    const { root, lose, bring } = await lossyFolder('waits')
    const storage = new GovernedStorage(new LocalFiles(pathToFileURL(root).href), OPTIONS, recordedLog().log)
    await lose()
    for (const path of ['1.png', '2.png']) {
      await expect(storage.put(path, IMAGE, patient)).rejects.toMatchObject({ category: 'storage' })
    }
    const needed = new Dependencies([storage])
    expect([needed.tryBegin('concept_generation'), storage.standing.breaker]).toEqual([null, 'open'])
    const puts = ['3.png', '4.png', '5.png'].map((path) => storage.put(path, IMAGE, patient))
    expect(storage.standing.waiting).toBe(3)
    await bring()
    await Promise.all(puts)
    await needed.begin('concept_generation', patient)
    expect([needed.isFree('concept_generation'), storage.standing]).toEqual([
      true,
      { breaker: 'closed', waiting: 0 },
    ])
    await storage.close()
  })

  it('lets go of a call that is given up meanwhile', async () => {
    const { root, lose } = await lossyFolder('given-up')
    const patience = { ...OPTIONS, firstOpenMs: 600_000, maxOpenMs: 600_000 }
    const storage = new GovernedStorage(new LocalFiles(pathToFileURL(root).href), patience, recordedLog().log)
    await lose()
    await expect(storage.put('1.png', IMAGE, patient)).rejects.toThrow('could not be written')
    await expect(storage.put('2.png', IMAGE, patient)).rejects.toThrow('could not be written')
    const stop = new AbortController()
    const put = storage.put('3.png', IMAGE, stop.signal)
    stop.abort(new Error('the claim is lost'))
    await expect(put).rejects.toThrow('the claim is lost')
    await storage.close()
  })

  it('is not what an object is that a user names and nobody can read', async () => {
    const { root } = await lossyFolder('hostile')
    const storage = new GovernedStorage(new LocalFiles(pathToFileURL(root).href), OPTIONS, recordedLog().log)
    await storage.put('users/1/large.png', { ...IMAGE, bytes: new Uint8Array(9) }, patient)
    for (let i = 0; i < 4; i++) {
      await expect(storage.get('users/1/large.png', 8, patient)).rejects.toThrow('at most 8 bytes')
      expect(await storage.get(`${'x'.repeat(300)}/1.png`, 8, patient)).toBeNull()
    }
    expect(storage.standing.breaker).toBe('closed')
    await storage.close()
  })
})

describe('a worker whose image storage is down', () => {
  it('begins no task that it would pay a model for, and completes everything when it is back', async () => {
    const logo = await readFile(LOGO)
    const { url, server } = await startHttpServer((request, response) => {
      request.resume()
      const isChat = request.url?.includes('/v1/chat/completions') ?? false
      response
        .setHeader('content-type', isChat ? 'application/json' : 'image/png')
        .end(isChat ? PALETTES : logo)
    })
    const { root, lose, bring } = await lossyFolder('worker')
    const worker = await startTestWorker(url, {
      STORAGE_URL: pathToFileURL(root).href,
      MAX_TASKS_IN_FLIGHT: '5',
      POOL_MAX_THREADS: '1',
    })
    const fields = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 1 }
    const submit = () => worker.submit('concept_generation', fields)
    await lose()
    const ids = await Promise.all(Array.from({ length: 5 }, submit))
    const { openMs } = await worker.logged('the image storage is down: its calls wait')
    expect(openMs).toBeGreaterThan(0)
    const later = await Promise.all(Array.from({ length: 10 }, submit))
    const { rows } = await worker.pool.query('SELECT DISTINCT attempt FROM tasks WHERE id = ANY($1)', [later])
    expect(rows).toEqual([{ attempt: 0 }])
    await bring()
    await worker.logged('the image storage answers again')
    const tasks = await Promise.all([...ids, ...later].map((id) => worker.ended(id)))
    expect(tasks.map(({ status }) => status)).toEqual(tasks.map(() => 'completed'))
    for (const task of tasks.slice(ids.length))
      expect(task).toMatchObject({ attempt: 1, cost: { retries: 0 } })
    await worker.stop()
    await stopHttpServer(server)
  })
})
