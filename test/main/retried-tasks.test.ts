import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../setup/command-line.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { startTestWorker, type RunningWorker } from '../setup/running-worker.ts'
import { createTestDatabase } from '../setup/test-database.ts'

const LOGO = new URL('../fixtures/images/logo-bazel-icon.png', import.meta.url)
const COLORS = ['#111111', '#222222', '#333333', '#FFFFFF', '#555555']
const PALETTES = JSON.stringify({
  choices: [
    {
      message: {
        role: 'assistant',
        content: JSON.stringify({ palettes: [{ name: 'Good', description: '', colors: COLORS }] }),
      },
    },
  ],
})

let server: Server
let databaseUrl: string
let worker: RunningWorker
/** Whether the palette model refuses what it is asked. */
let refuses = true
/** The keys of all calls so far: TASK/STAGE/ATTEMPT. */
const keys: string[] = []

beforeAll(async () => {
  const logo = await readFile(LOGO)
  databaseUrl = (await createTestDatabase()).url
  const started = await startHttpServer((request, response) => {
    void bodyOf(request).then(() => {
      keys.push(String(request.headers['idempotency-key']))
      if (!request.url?.endsWith('/v1/chat/completions')) {
        response.setHeader('content-type', 'image/png').end(logo)
      } else if (refuses) {
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"no such parameter"}')
      } else response.setHeader('content-type', 'application/json').end(PALETTES)
    })
  })
  server = started.server
  worker = await startTestWorker(started.url, { MAX_ATTEMPTS: '1' }, { databaseUrl })
})

afterAll(async () => {
  await worker.stop()
  await stopHttpServer(server)
})

const command = (...args: string[]) => runCommand(args, { env: { DATABASE_URL: databaseUrl } })

describe('a task that failed for good, and is retried once the model is healthy', () => {
  it('completes with one concept, and is not charged again for what was paid', async () => {
    const submit = () =>
      worker.submit('concept_generation', {
        logo_description: 'a canary',
        theme_description: 'autumn',
        num_palettes: 1,
      })
    const [one, another] = await Promise.all([submit(), submit()])
    for (const id of [one, another]) {
      expect(await worker.ended(id)).toMatchObject({ status: 'failed', errorCode: 'bad_request' })
    }
    const listed = await command('tasks', '--status', 'failed', '--json')
    expect((JSON.parse(listed.stdout) as { id: string }[]).map(({ id }) => id).toSorted()).toEqual(
      [one, another].toSorted(),
    )

    refuses = false
    expect(await command('retry', one)).toEqual({
      code: 0,
      stdout: `task ${one} will be tried again\n`,
      stderr: '',
    })
    expect(await command('retry', '--error-code', 'bad_request', '--since', '1h')).toEqual({
      code: 0,
      stdout: `task ${another} will be tried again\n`,
      stderr: '',
    })

    for (const id of [one, another]) {
      const task = await worker.ended(id)
      expect(task).toMatchObject({ status: 'completed', attempt: 2, errorCode: null })
      expect(task.concept?.variations).toHaveLength(1)
      expect(task.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'reopened', 'completed'])
      expect(task.stages).toContainEqual(
        expect.objectContaining({ stage: 'generate_image', attempt: 2, outcome: 'resumed' }),
      )
      // A server that remembers its answers by their key must not give the old one again.
      expect(keys.filter((key) => key.startsWith(id))).toEqual([
        `${id}/generate_image/1`,
        `${id}/generate_palettes/1`,
        `${id}/generate_palettes/2`,
      ])
    }
    const { rows } = await worker.pool.query('SELECT count(*)::int AS concepts FROM concepts')
    expect(rows).toEqual([{ concepts: 2 }])

    const [again, shown] = await Promise.all([command('retry', one), command('task', one)])
    expect(again).toMatchObject({
      code: 1,
      stderr: `concept-worker: task ${one} was not retried: it is completed and has its concept\n`,
    })
    expect(shown.stdout).toMatch(/^ +to be tried again since \d{4}-/m)
    expect(await worker.ended(one)).toMatchObject({ status: 'completed', attempt: 2 })
  })
})
