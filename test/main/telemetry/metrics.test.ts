import { describe, expect, it } from 'vitest'
import { Metrics } from '../../../src/main/telemetry/metrics.ts'
import { Failure } from '../../../src/processors/failure.ts'

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
