import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../setup/command-line.ts'
import { startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { startTestWorker, type RunningWorker } from '../setup/running-worker.ts'
import { insertTask, taskRow } from '../setup/task-rows.ts'
import { createTestDatabase } from '../setup/test-database.ts'

const generation = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 1 }
const UNKNOWN = '6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11'

let worker: RunningWorker
let databaseUrl: string
/** A model server that takes every call and never answers. */
let silent: { url: string; server: Server }

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url
  silent = await startHttpServer(() => undefined)
  worker = await startTestWorker(silent.url, {}, { databaseUrl })
})

afterAll(async () => {
  await worker.stop()
  await stopHttpServer(silent.server)
})

const command = (...args: string[]) => runCommand(args, { env: { DATABASE_URL: databaseUrl } })

const metrics = async () => (await fetch(`http://127.0.0.1:${worker.httpPort}/metrics`)).text()

/** Submits a task and waits until its model call has arrived; `cutOff` resolves when the caller hangs up. */
async function runningTask() {
  const arrived = once(silent.server, 'request') as Promise<[IncomingMessage]>
  const taskId = await worker.submit('concept_generation', generation)
  const [request] = await arrived
  return { taskId, cutOff: new Promise<void>((resolve) => request.socket.once('close', () => resolve())) }
}

describe('a task that is cancelled', () => {
  it('from the command line while it runs is stopped: its model call is hung up, and nothing is stored', async () => {
    const { taskId, cutOff } = await runningTask()
    expect(await command('cancel', taskId)).toMatchObject({
      code: 0,
      stdout: `task ${taskId} is cancelled; the worker that runs it will stop\n`,
    })
    await cutOff
    expect(await worker.logged('task cancelled while it ran')).toMatchObject({ taskId })
    const [again, shown] = await Promise.all([command('cancel', taskId), command('task', taskId)])
    expect(again).toMatchObject({ code: 0, stdout: `task ${taskId} was cancelled already\n` })
    expect(shown.stdout).toMatch(/^status +cancelled$/m)
    expect(shown.stdout).toMatch(/^ +1\. cancelled after .+ on .+$/m)
    const { rows } = await worker.pool.query(
      `SELECT (SELECT count(*)::int FROM concepts) AS concepts,
              (SELECT count(*)::int FROM stage_timings) AS timings`,
    )
    expect(rows).toEqual([{ concepts: 0, timings: 0 }])
  })

  it('by the product’s API while it runs is stopped too', async () => {
    const { taskId, cutOff } = await runningTask()
    await worker.pool.query(`UPDATE tasks SET status = 'cancelled' WHERE id = $1`, [taskId])
    await cutOff
    expect(await taskRow(worker.pool, taskId)).toMatchObject({ status: 'cancelled', attempt: 1 })
    // The one before, too. Neither is a claim that was lost, nor anything for an operator.
    const cancelled = 'tasks_total{type="concept_generation",outcome="cancelled",code=""}'
    await expect.poll(metrics, { timeout: 10_000 }).toContain(`\nconcept_worker_${cancelled} 2\n`)
    expect(await metrics()).toContain('\nconcept_worker_claims_lost_total 0\n')
    const levels = worker.logLines.map((line) => (JSON.parse(line) as { level: number }).level)
    expect(Math.max(...levels)).toBe(30)
  })

  it('while it waits is never begun, and its message is settled', async () => {
    let calls = 0
    const count = () => calls++
    silent.server.on('request', count)
    const { taskId, userId, taskType } = await insertTask(worker.pool)
    expect((await command('cancel', taskId)).stdout).toBe(`task ${taskId} is cancelled; it was waiting\n`)
    await worker.publish(
      JSON.stringify({ task_id: taskId, user_id: userId, task_type: taskType, ...generation }),
    )
    expect(await worker.logged('task skipped')).toMatchObject({ taskId, reason: 'ended' })
    expect(await taskRow(worker.pool, taskId)).toMatchObject({ status: 'cancelled', attempt: 0 })
    expect(calls).toBe(0)
    silent.server.off('request', count)
  })
})

describe('cancelling', () => {
  it('what has ended, or is not there, changes nothing and says so', async () => {
    const { taskId } = await insertTask(worker.pool)
    await worker.pool.query(`UPDATE tasks SET status = 'failed' WHERE id = $1`, [taskId])
    const [ended, unknown, wrong] = await Promise.all([
      command('cancel', taskId),
      command('cancel', UNKNOWN),
      command('cancel', 'all'),
    ])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('has failed already: there is nothing to cancel')
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain(`there is no task ${UNKNOWN}`)
    expect(wrong.code).toBe(64)
    expect(wrong.stderr).toContain('id: expected a UUID')
    expect((await taskRow(worker.pool, taskId)).status).toBe('failed')
  })
})
