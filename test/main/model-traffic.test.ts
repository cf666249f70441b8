import { EventEmitter, once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Server, ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/main/config/config.ts'
import { listConfig } from '../../src/main/config/listing.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { startTestWorker, type RunningWorker } from '../setup/running-worker.ts'

const LOGO = new URL('../fixtures/images/logo-bazel-icon.png', import.meta.url)
/** Planted wherever a secret, or the words of a user or of a model, could go astray. */
const CANARY = 'canary-7f3a'
const PROMPT = `${CANARY}-prompt`

const ENVIRONMENT = {
  HF_TOKEN: `${CANARY}-token`,
  EDIT_ENDPOINT_URL: `https://edit.example.com/?key=${CANARY}-edit`,
  MODEL_CONCURRENCY: '2',
  POOL_MAX_THREADS: '2',
  MAX_TASKS_IN_FLIGHT: '8',
}

type Call = { readonly url: string; readonly answer: (response: (to: ServerResponse) => void) => void }

let server: Server
let worker: RunningWorker
let logo: Buffer

/** How the model server answers; each test sets it. */
let onCall: (call: Call) => void
/** Calls that are not answered yet, and the most that there have been. */
const unanswered = { now: 0, most: 0 }
const calls = new EventEmitter()

const well =
  (url: string) =>
  (to: ServerResponse): void => {
    const palette = { name: 'Good', colors: ['#111111', '#222222', '#333333', '#FFFFFF', '#555555'] }
    const message = { role: 'assistant', content: JSON.stringify({ palettes: [palette] }) }
    if (url.includes('/v1/chat/completions')) {
      to.setHeader('content-type', 'application/json').end(JSON.stringify({ choices: [{ message }] }))
    } else to.setHeader('content-type', 'image/png').end(logo)
  }

const badly =
  (status: number, headers: Record<string, string> = {}) =>
  (to: ServerResponse): void => {
    to.writeHead(status, headers).end(`${CANARY}-answer`)
  }

beforeAll(async () => {
  logo = await readFile(LOGO)
  const started = await startHttpServer((request, response) => {
    unanswered.now++
    unanswered.most = Math.max(unanswered.most, unanswered.now)
    void bodyOf(request).then(() => {
      const url = request.url ?? ''
      const answer: Call['answer'] = (respond) => {
        unanswered.now--
        respond(response)
      }
      onCall({ url, answer })
      calls.emit('call')
    })
  })
  server = started.server
  worker = await startTestWorker(`${started.url}/?key=${CANARY}-endpoint`, ENVIRONMENT)
})

afterAll(async () => {
  await worker.stop()
  await stopHttpServer(server)
})

const submit = () =>
  worker.submit('concept_generation', {
    logo_description: PROMPT,
    theme_description: PROMPT,
    num_palettes: 1,
  })
const submitMany = (count: number) => Promise.all(Array.from({ length: count }, submit))

async function get(path: string) {
  const response = await fetch(`http://127.0.0.1:${worker.httpPort}${path}`)
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

/** The values of a metric, by its labels. */
async function metric(name: string): Promise<Record<string, number>> {
  const { text } = await get('/metrics')
  const lines = text.split('\n').filter((line) => line.startsWith(`concept_worker_${name}`))
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels = '', value] = /^[^{ ]*(?:\{(.*)\})? (.*)$/.exec(line) ?? []
      return [labels, Number(value)]
    }),
  )
}

/** Looks at a metric until it is as it has to be. */
async function untilMetric(name: string, labels: string, value: number): Promise<void> {
  while ((await metric(name))[labels] !== value) await new Promise((resolve) => setImmediate(resolve))
}

describe('calls to models', () => {
  it('are no more at once than MODEL_CONCURRENCY, and the wait for them shows in the timings', async () => {
    const held: Call[] = []
    onCall = (call) => held.push(call)
    unanswered.most = 0
    const ids = await submitMany(5)
    await untilMetric('model_calls_waiting', 'model="image"', 3)
    while (held.length < 2) await once(calls, 'call')
    expect(await metric('model_calls_in_flight')).toMatchObject({ 'model="image"': 2, 'model="palette"': 0 })
    onCall = ({ url, answer }) => answer(well(url))
    for (const call of held) onCall(call)
    const tasks = await Promise.all(ids.map((id) => worker.ended(id)))
    expect(unanswered.most).toBe(2)
    for (const task of tasks) {
      expect(task).toMatchObject({ status: 'completed', cost: { calls: 2, retries: 0 } })
    }
    const waits = tasks.map(({ stages }) => stages.find(({ step }) => step === 'call')!.waitMs)
    const wholes = tasks.map(({ stages }) =>
      stages.find(({ stage, step }) => stage === 'generate_image' && step === null)!,
    )
    // Three waited for as long as the first two were held.
    const longest = waits.toSorted((a, b) => b - a)
    expect(longest[2]).toBeGreaterThan(longest[3]!)
    for (const [i, whole] of wholes.entries()) expect(whole.waitMs).toBeGreaterThanOrEqual(waits[i]!)
  })

  it('are counted for their task, attempt by attempt', async () => {
    let fails = true
    onCall = ({ url, answer }) => {
      answer(fails ? badly(429) : well(url))
      fails = false
    }
    const task = await worker.ended(await submit())
    expect(task).toMatchObject({ status: 'completed', attempt: 2, cost: { calls: 3, retries: 1 } })
    expect(task.cost.seconds).toBeGreaterThan(0)
  })

  it('are counted by model and outcome, like tasks and stages', async () => {
    expect(await metric('model_calls_total')).toMatchObject({
      'model="image",outcome="ok"': 6,
      'model="image",outcome="rate_limited"': 1,
      'model="palette",outcome="ok"': 6,
    })
    expect(await metric('tasks_total')).toMatchObject({
      'type="concept_generation",outcome="completed",code=""': 6,
      'type="concept_generation",outcome="retry",code="rate_limited"': 1,
    })
    expect(await metric('stage_seconds_count')).toMatchObject({
      'stage="generate_image",outcome="ok"': 6,
      'stage="generate_image",outcome="failed"': 1,
      'stage="store_concept",outcome="ok"': 6,
    })
  })
})

describe('hostile answers: a model that is down', () => {
  it('is left alone, fails no task, and is asked again by one call at a time', async () => {
    const held: Call[] = []
    onCall = (call) => held.push(call)
    const ids = await submitMany(8)
    // All of them are claimed before any is answered: whoever is not would wait with its message.
    await untilMetric('model_calls_waiting', 'model="image"', 6)
    onCall = ({ answer }) => answer(badly(503))
    for (const call of held) onCall(call)
    await untilMetric('model_breaker_state', 'model="image"', 2)
    const { openMs } = await worker.logged('a model is down: its calls wait')
    expect(openMs).toBe(5_000)
    // Those that began before it was known to be down come back, and wait from then on.
    while (unanswered.now > 0) await once(calls, 'call')
    unanswered.most = 0
    const probes: Call[] = []
    onCall = (call) => probes.push(call)
    const later = await submit()
    while (probes.length === 0) await once(calls, 'call')
    await untilMetric('model_breaker_state', 'model="image"', 1)
    expect([probes.length, unanswered.most]).toEqual([1, 1])
    // Nobody claims a task only to let it wait.
    const { rows } = await worker.pool.query('SELECT attempt FROM tasks WHERE id = $1', [later])
    expect(rows).toEqual([{ attempt: 0 }])
    onCall = ({ url, answer }) => answer(well(url))
    for (const call of probes) onCall(call)
    const tasks = await Promise.all([...ids, later].map((id) => worker.ended(id)))
    expect(tasks.map(({ status }) => status)).toEqual(tasks.map(() => 'completed'))
    expect(Math.max(...tasks.map(({ attempt }) => attempt))).toBeLessThan(4)
    expect(tasks.at(-1)!.attempt).toBe(1)
    await worker.logged('a model answers again')
    expect(await metric('model_breaker_state')).toMatchObject({ 'model="image"': 0 })
  })

  it('is left alone at once where every call would be refused', async () => {
    onCall = ({ answer }) => answer(badly(402))
    const task = await worker.ended(await submit())
    expect(task).toMatchObject({ status: 'failed', attempt: 1, errorCode: 'quota', cost: { calls: 1 } })
    expect(await metric('model_breaker_state')).toMatchObject({ 'model="image"': 2 })
    onCall = ({ url, answer }) => answer(well(url))
  })
})

describe('the HTTP port', () => {
  it('serves metrics in the format of Prometheus, of the worker and of its process', async () => {
    const { status, type, text } = await get('/metrics')
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    for (const name of [
      'concept_worker_tasks_in_flight 0',
      'concept_worker_pool_threads 2',
      'concept_worker_pool_busy_threads 0',
      'concept_worker_pool_queue_length 0',
      'concept_worker_pool_threads_lost_total 0',
      'concept_worker_leases_renewed_total ',
      'concept_worker_claims_lost_total 0',
      'concept_worker_image_memory_used_bytes 0',
      'concept_worker_image_memory_waiting 0',
      'concept_worker_quarantined_messages 0',
      'concept_worker_parked_messages 0',
      'concept_worker_tasks_pending ',
      'concept_worker_oldest_pending_seconds ',
      'concept_worker_stage_wait_seconds_bucket{',
      'concept_worker_model_call_seconds_bucket{',
      `concept_worker_build_info{version="0.1.0",node="${process.version}"} 1`,
      'nodejs_eventloop_lag_p99_seconds ',
      'process_resident_memory_bytes ',
    ]) {
      expect(text).toContain(`\n${name}`)
    }
  })

  it('knows no other paths and no other methods', async () => {
    expect(await get('/metricsx')).toMatchObject({ status: 404 })
    const url = `http://127.0.0.1:${worker.httpPort}/metrics`
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  })
})

describe('whatever the worker writes', () => {
  it('holds no secret, no prompt and nothing of what a model answered', async () => {
    const pages = await Promise.all(['/metrics', '/readyz', '/livez'].map(get))
    const { rows } = await worker.pool.query<{ text: string }>(
      'SELECT error_code || error_message AS text FROM tasks WHERE error_message IS NOT NULL',
    )
    expect(rows.length).toBeGreaterThan(0)
    const errors = rows.map(({ text }) => text).join('\n')
    const config = JSON.stringify(listConfig(loadConfig(ENVIRONMENT), ENVIRONMENT))
    const written = [config, worker.logLines.join(''), ...pages.map(({ text }) => text), errors]
    for (const text of written) {
      expect(text.length).toBeGreaterThan(0)
      expect(text).not.toContain(CANARY)
    }
  })
})

describe('a worker that drains', () => {
  it('is alive and not ready, and ends what it has in hand', async () => {
    const held: Call[] = []
    onCall = (call) => held.push(call)
    const id = await submit()
    while (held.length === 0) await once(calls, 'call')
    const stopped = worker.stopWorker()
    const ready = await get('/readyz')
    expect([ready.status, JSON.parse(ready.text)]).toMatchObject([503, { ready: false, accepting: false }])
    expect(await get('/livez')).toMatchObject({ status: 200 })
    onCall = ({ url, answer }) => answer(well(url))
    for (const call of held) onCall(call)
    expect(await stopped).toEqual([])
    expect(await worker.ended(id)).toMatchObject({ status: 'completed', attempt: 1 })
  })
})
