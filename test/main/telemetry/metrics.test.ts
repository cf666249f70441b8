import { describe, expect, it } from 'vitest'
import type { BacklogReading } from '../../../src/main/telemetry/backlog.ts'
import { Metrics, type Standings } from '../../../src/main/telemetry/metrics.ts'
import { Failure } from '../../../src/processors/failure.ts'

const standings = (backlog: BacklogReading | null): Standings => ({
  tasksInFlight: () => 0,
  pool: () => ({ threads: 1, busy: 0, queued: 0, lost: 0 }),
  models: () => [{ model: 'image', breaker: 'closed', inFlight: 0, waiting: 0 }],
  storage: () => ({ breaker: 'closed', waiting: 0 }),
  leases: () => ({ renewed: 0, lost: 0 }),
  imageMemory: () => ({ usedBytes: 7, waiting: 0 }),
  backlog: () => Promise.resolve(backlog),
})

describe('the metrics', () => {
  it('take no label from a message: a type that nobody knows is counted as unknown', async () => {
    const metrics = new Metrics('1.2.3')
    for (const type of ['a"}\ncanary 1', '', 'concept_refinement']) {
      metrics.taskEnded(type, { kind: 'failed', failure: new Failure('unknown_task_type', 'canary') })
    }
    const text = await metrics.render()
    expect(text).not.toContain('canary')
    const count = (type: string) =>
      `concept_worker_tasks_total{type="${type}",outcome="failed",code="unknown_task_type"}`
    expect(text).toContain(`${count('unknown')} 2\n`)
    expect(text).toContain(`${count('concept_refinement')} 1\n`)
  })

  it('are there from the start with 0, so that the first event of a kind is seen as one', async () => {
    const metrics = new Metrics('1.2.3')
    metrics.watch(standings(null))
    const text = await metrics.render()
    for (const counted of [
      'tasks_total{type="concept_generation",outcome="completed",code=""}',
      'tasks_total{type="concept_refinement",outcome="cancelled",code=""}',
      'tasks_total{type="concept_generation",outcome="failed",code="quota"}',
      'tasks_total{type="concept_generation",outcome="retry",code="storage"}',
      'model_calls_total{model="image",outcome="ok"}',
      'model_calls_total{model="image",outcome="timeout"}',
    ]) {
      expect(text).toContain(`concept_worker_${counted} 0\n`)
    }
  })

  it('tell what waits in Postgres, and nothing of it while that is away', async () => {
    const backlog = {
      quarantinedMessages: 3,
      parkedMessages: 0,
      pendingTasks: 20,
      oldestPendingSeconds: 1.5,
    }
    let now: typeof backlog | null = backlog
    const metrics = new Metrics('1.2.3')
    metrics.watch({ ...standings(null), backlog: () => Promise.resolve(now) })
    const text = await metrics.render()
    for (const line of ['quarantined_messages 3', 'parked_messages 0', 'oldest_pending_seconds 1.5']) {
      expect(text).toContain(`\nconcept_worker_${line}\n`)
    }
    now = null
    const away = await metrics.render()
    expect(away).not.toMatch(/^concept_worker_(quarantined|parked|tasks_pending|oldest)/m)
    expect(away).toContain('\nconcept_worker_image_memory_used_bytes 7\n')
    now = backlog
    expect(await metrics.render()).toContain('\nconcept_worker_tasks_pending 20\n')
  })

  it('count a stage once, whatever its steps, with its wait beside it', async () => {
    const metrics = new Metrics('1.2.3')
    const timing = { item: null, startedAt: new Date(), outcome: 'ok', errorCode: null } as const
    metrics.stageEnded({ ...timing, stage: 'generate_image', step: 'call', waitMs: 1_500, runMs: 500 })
    metrics.stageEnded({ ...timing, stage: 'generate_image', step: null, waitMs: 1_500, runMs: 500 })
    const text = await metrics.render()
    expect(text).toContain('concept_worker_stage_seconds_sum{stage="generate_image",outcome="ok"} 2\n')
    expect(text).toContain('concept_worker_stage_seconds_count{stage="generate_image",outcome="ok"} 1\n')
    expect(text).toContain('concept_worker_stage_wait_seconds_sum{stage="generate_image"} 1.5\n')
  })
})
