import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { GovernedModels } from '../../../src/main/models/governed-models.ts'
import { ModelThread } from '../../../src/main/models/model-thread.ts'
import { Dependencies, heldBack } from '../../../src/main/availability/held-tasks.ts'
import type { ImageModels, PaletteModel } from '../../../src/processors/services.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { failureOf, modelsOf, OPTIONS, PNG, serve } from './tested-models.ts'

const BREAKER = { threshold: 2, firstOpenMs: 60_000, maxOpenMs: 60_000, maxRetryAfterMs: 60_000 }
const PICTURE = { prompt: 'a fox', seed: 7, idempotencyKey: 'task/generate_image/1' }
const { signal: patient } = new AbortController()

/** Governed models at an endpoint whose calls the test answers. */
async function governed(
  concurrency: number,
  modelsAt: (url: string) => ImageModels & PaletteModel = modelsOf,
) {
  const open: ServerResponse[] = []
  const { url, server } = await serve((_, response) => open.push(response))
  const ended: [string, string][] = []
  const meter = { callEnded: (model: string, outcome: string) => void ended.push([model, outcome]) }
  const models = new GovernedModels(
    modelsAt(url),
    { concurrency, breaker: BREAKER },
    meter,
    recordedLog().log,
  )
  return { models, open, ended, nextCall: () => nextCall(server) }
}

const nextCall = (server: Server) => once(server, 'request')

describe('models behind a limit of calls', () => {
  it('call on as soon as a call has ended, well or not or because it was given up', async () => {
    const { models, open, ended, nextCall } = await governed(1)
    const stop = new AbortController()
    const started: number[] = []
    const begin = (n: number, signal = patient) =>
      models.generateImage(PICTURE, signal, () => started.push(n))
    const results = Promise.allSettled([begin(1), begin(2, stop.signal), begin(3)])
    await nextCall()
    expect([started, models.standing('image')]).toEqual([[1], { breaker: 'closed', inFlight: 1, waiting: 2 }])
    open[0]!.writeHead(500).end()
    await nextCall()
    expect(started).toEqual([1, 2])
    stop.abort(new Error('the claim is lost'))
    await nextCall()
    open[2]!.setHeader('content-type', 'image/png').end(PNG)
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(ended).toEqual([
      ['image', 'server'],
      ['image', 'aborted'],
      ['image', 'ok'],
    ])
    models.stop()
  })

  it('never make a call that is given up before its turn', async () => {
    const { models, open, ended, nextCall } = await governed(1)
    const stop = new AbortController()
    const first = models.generateImage(PICTURE, patient)
    let started = false
    const second = models.generateImage(PICTURE, stop.signal, () => (started = true))
    await nextCall()
    stop.abort(new Error('the worker stops'))
    await expect(second).rejects.toThrow('the worker stops')
    open[0]!.setHeader('content-type', 'image/png').end(PNG)
    await first
    expect([started, open.length, ended]).toEqual([false, 1, [['image', 'ok']]])
    models.stop()
  })
})

describe('models of which one is down', () => {
  it('keep back the tasks that need it, and no others, until the worker drains', async () => {
    const { models, open, nextCall } = await governed(2)
    const draining = new AbortController()
    const ran: string[] = []
    const needed = new Dependencies([models])
    const run = heldBack(
      async ({ taskId }) => {
        ran.push(taskId)
        return { kind: 'completed', resultId: taskId }
      },
      needed,
      draining.signal,
    )
    const task = (taskId: string, taskType: string) => run({ taskId, userId: 'u', taskType, fields: {} })
    const calls = [1, 2].map(() => failureOf(models.generateImage(PICTURE, patient)))
    await nextCall()
    if (open.length < 2) await nextCall()
    for (const response of open) response.writeHead(503).end()
    await Promise.all(calls)
    expect([models.standing('image').breaker, needed.isFree('concept_generation')]).toEqual(['open', false])

    const generation = task('generation', 'concept_generation')
    await task('refinement', 'concept_refinement')
    expect(ran).toEqual(['refinement'])
    draining.abort(new Error('the worker stops'))
    expect(await generation).toEqual({ kind: 'interrupted' })
    expect(ran).toEqual(['refinement'])
    models.stop()
  })

  it.each([
    [403, 'closed', 'as a firewall refuses the words of one user'],
    [401, 'open', 'as the token was revoked'],
  ])('leave the breaker as is right after one HTTP %i: %s, %s', async (status, breaker) => {
    const { models, open, nextCall } = await governed(1)
    const call = failureOf(models.generateImage(PICTURE, patient))
    await nextCall()
    open[0]!.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Forbidden</h1>')
    expect(await call).toMatchObject({ category: 'auth' })
    expect(models.standing('image').breaker).toBe(breaker)
    models.stop()
  })

  it('count a thread that was lost once, however many calls it had, and open where it is lost again and again', async () => {
    const { models, nextCall } = await governed(3, faultyThread)
    const call = (prompt: string) => failureOf(models.generateImage({ ...PICTURE, prompt }, patient))
    for (const breaker of ['closed', 'open']) {
      const underWay = [call('a fox')]
      await nextCall()
      underWay.push(call('an owl'))
      await nextCall()
      underWay.push(call('exit'))
      expect((await Promise.all(underWay)).map(({ category }) => category)).toEqual(Array(3).fill('internal'))
      expect(models.standing('image').breaker).toBe(breaker)
    }
    expect(models.standing('palette').breaker).toBe('closed')
    models.stop()
  })
})

function faultyThread(endpointUrl: string): ModelThread {
  const entry = new URL('./faulty-model-thread.ts', import.meta.url)
  const thread = new ModelThread({ ...OPTIONS, endpointUrl }, { entry })
  onTestFinished(() => thread.stop())
  return thread
}
