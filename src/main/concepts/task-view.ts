import type { Pool } from 'pg'
import type { StageTiming } from '../../processors/stage-clock.ts'
import type { HexColor, Swatch } from '../../threads/protocol.ts'
import type { PastAttempt } from '../tasks/attempt-history.ts'
import { costOf, type TaskCost } from './task-cost.ts'

export type VariationView = {
  readonly id: string
  readonly paletteName: string
  readonly colors: readonly HexColor[]
  readonly description: string
  readonly derived: boolean
  readonly imagePath: string
  readonly imageUrl: string
}

export type ConceptView = {
  readonly id: string
  readonly logoDescription: string
  readonly themeDescription: string
  readonly isAnonymous: boolean
  readonly imagePath: string
  readonly imageUrl: string
  readonly refinementPrompt: string | null
  readonly originalImageUrl: string | null
  readonly originalConceptId: string | null
  readonly swatches: readonly Swatch[]
  readonly variations: readonly VariationView[]
}

export type StageView = Omit<StageTiming, 'stage'> & { readonly stage: string; readonly attempt: number }

/** With its times as those of all else; in its row they stand as Postgres writes them, in the zone of its session. */
export type AttemptView = Omit<PastAttempt, 'startedAt' | 'endedAt'> & {
  readonly startedAt: Date | null
  readonly endedAt: Date
}

/** All that is known of one task, ready to be shown. */
export type TaskView = {
  readonly id: string
  readonly userId: string
  readonly type: string
  readonly status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled'
  readonly attempt: number
  readonly resultId: string | null
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly completedAt: Date | null
  /** The claims that have ended, oldest first. */
  readonly attempts: readonly AttemptView[]
  readonly concept: ConceptView | null
  readonly stages: readonly StageView[]
  readonly cost: TaskCost
}

type TaskRow = Omit<TaskView, 'attempts' | 'concept' | 'stages' | 'cost'> & {
  readonly attempts: readonly PastAttempt[]
}

/** Reads one task with its concept, variations and timings; null where there is no such task. */
export async function readTaskView(pool: Pool, taskId: string): Promise<TaskView | null> {
  const [tasks, concepts, variations, stages] = await Promise.all([
    pool.query<TaskRow>(
      `SELECT id, user_id AS "userId", type, status, attempt, result_id AS "resultId",
              error_code AS "errorCode", error_message AS "errorMessage", created_at AS "createdAt",
              updated_at AS "updatedAt", completed_at AS "completedAt", attempt_history AS attempts
       FROM tasks WHERE id = $1`,
      [taskId],
    ),
    pool.query<Omit<ConceptView, 'variations'>>(
      `SELECT id, logo_description AS "logoDescription", theme_description AS "themeDescription",
              is_anonymous AS "isAnonymous", image_path AS "imagePath", image_url AS "imageUrl",
              refinement_prompt AS "refinementPrompt", original_image_url AS "originalImageUrl",
              original_concept_id AS "originalConceptId", swatches
       FROM concepts WHERE task_id = $1`,
      [taskId],
    ),
    pool.query<VariationView>(
      `SELECT v.id, v.palette_name AS "paletteName", v.colors, v.description, v.derived,
              v.image_path AS "imagePath", v.image_url AS "imageUrl"
       FROM color_variations v JOIN concepts c ON c.id = v.concept_id
       WHERE c.task_id = $1 ORDER BY v.position`,
      [taskId],
    ),
    pool.query<StageView>(
      `SELECT stage, step, item, attempt, started_at AS "startedAt", wait_ms AS "waitMs", run_ms AS "runMs",
              outcome, error_code AS "errorCode"
       FROM stage_timings WHERE task_id = $1 ORDER BY started_at, id`,
      [taskId],
    ),
  ])
  const task = tasks.rows[0]
  if (!task) return null
  const concept = concepts.rows[0]
  return {
    ...task,
    attempts: task.attempts.map(attemptView),
    concept: concept ? { ...concept, variations: variations.rows } : null,
    stages: stages.rows,
    cost: costOf(stages.rows),
  }
}

function attemptView({ startedAt, endedAt, ...past }: PastAttempt): AttemptView {
  return { ...past, startedAt: startedAt === null ? null : new Date(startedAt), endedAt: new Date(endedAt) }
}
