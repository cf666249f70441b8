import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { FinishedConcept, FinishedVariation } from '../../processors/services.ts'
import type { StageTiming } from '../../processors/stage-clock.ts'
import type { ClaimedTask } from '../../processors/task.ts'
import { Columns } from '../database/columns.ts'
import { BUSY, StatementBatch } from '../database/statement-batch.ts'
import { extendedHistory } from '../tasks/attempt-history.ts'
import { writtenOf, type Written } from '../tasks/endings.ts'
import { insertTimings, timingParameters } from '../tasks/stage-timings.ts'

export type Completion = {
  readonly task: Pick<ClaimedTask, 'id' | 'userId' | 'epoch' | 'attempt'>
  readonly conceptId: string
  readonly concept: FinishedConcept
  /** Read when the statement is sent. */
  readonly timings: () => readonly StageTiming[]
}

type CompletionRow = { written: boolean; status: string | null }

/**
 * The statement that completes tasks with all that they have made: each task completely or not at all. Completions that
 * come together are one statement.
 */
export class Completions {
  readonly #pool: Pool
  readonly #batch: StatementBatch<Completion, Written>

  constructor(pool: Pool) {
    this.#pool = pool
    this.#batch = new StatementBatch<Completion, Written>({
      keyOf: ({ task }) => task.id,
      sendMany: async (completions) =>
        (await this.#complete('complete-tasks', COMPLETE_FREE, completions)).map((row) =>
          !row.written && row.status === 'processing' ? BUSY : writtenOf(row),
        ),
      sendOne: async (completion) => {
        const [row] = await this.#complete('complete-task', COMPLETE_WAITING, [completion])
        return row ? writtenOf(row) : 'lost'
      },
    })
  }

  /** Writes all of it, or, where the claim is lost, nothing. */
  complete(completion: Completion): Promise<Written> {
    return this.#batch.run(completion)
  }

  async #complete(name: string, text: string, completions: readonly Completion[]): Promise<CompletionRow[]> {
    const timings = completions.map((completion) => ({
      taskId: completion.task.id,
      attempt: completion.task.attempt,
      timings: completion.timings(),
    }))
    const values = [
      ...FINISHED.values(completions),
      ...VARIATIONS.values(completions.flatMap(variationRows)),
      ...timingParameters(timings),
    ]
    return (await this.#pool.query<CompletionRow>({ name, text, values })).rows
  }
}

const FINISHED = new Columns<Completion>({
  task: ['uuid', ({ task }) => task.id],
  epoch: ['bigint', ({ task }) => task.epoch],
  concept: ['uuid', ({ conceptId }) => conceptId],
  user: ['text', ({ task }) => task.userId],
  logo: ['text', ({ concept }) => concept.logoDescription],
  theme: ['text', ({ concept }) => concept.themeDescription],
  path: ['text', ({ concept }) => concept.stored.path],
  url: ['text', ({ concept }) => concept.stored.url],
  anonymous: ['bool', ({ concept }) => concept.isAnonymous],
  prompt: ['text', ({ concept }) => concept.refinement?.prompt],
  original: ['text', ({ concept }) => concept.refinement?.originalImageUrl],
  refines: ['uuid', ({ concept }) => concept.refinement?.originalConceptId],
  swatches: ['jsonb', ({ concept }) => JSON.stringify(concept.swatches)],
})

type VariationRow = FinishedVariation & { readonly conceptId: string; readonly position: number }

const VARIATIONS = new Columns<VariationRow>({
  id: ['uuid', () => randomUUID()],
  concept: ['uuid', ({ conceptId }) => conceptId],
  position: ['int', ({ position }) => position],
  name: ['text', ({ palette }) => palette.name],
  colors: ['jsonb', ({ palette }) => JSON.stringify(palette.colors)],
  description: ['text', ({ palette }) => palette.description],
  derived: ['bool', ({ palette }) => palette.derived],
  path: ['text', ({ stored }) => stored.path],
  url: ['text', ({ stored }) => stored.url],
})

function variationRows({ conceptId, concept }: Completion): VariationRow[] {
  return concept.variations.map((variation, position) => ({ ...variation, conceptId, position }))
}

/**
 * The fence comes first: the lock of the task's row, under the claim's epoch, keeps every other claim out until the
 * commit, and what a lost claim has made is not inserted. The rows are found one by one through their primary key. Their
 * state is looked at afterwards: together with the id it would lead the planner to the index of all that are held, and
 * make it read that through for each one.
 */
const completionStatement = (lock: string) => `
  WITH finished AS MATERIALIZED (${FINISHED.select(1)}),
  found AS MATERIALIZED (
    SELECT finished.*, row.status FROM finished CROSS JOIN LATERAL (
      SELECT status FROM tasks WHERE tasks.id = finished.task AND claim_epoch = finished.epoch
      ${lock}) AS row),
  held AS MATERIALIZED (SELECT * FROM found WHERE status = 'processing'),
  completed AS (
    UPDATE tasks SET
      status = 'completed', result_id = concept, error_code = NULL, error_message = NULL,
      attempt_history = ${extendedHistory({ outcome: `'completed'` })},
      claimed_by = NULL, lease_expires_at = NULL, completed_at = now(), updated_at = now()
    FROM held WHERE tasks.id = held.task
    RETURNING held.task),
  concept AS (
    INSERT INTO concepts
      (id, user_id, task_id, logo_description, theme_description, image_path, image_url, is_anonymous,
       refinement_prompt, original_image_url, original_concept_id, swatches)
    SELECT concept, "user", task, logo, theme, path, url, anonymous, prompt, original, refines, swatches
    FROM held),
  variation AS (
    INSERT INTO color_variations
      (id, concept_id, position, palette_name, colors, description, derived, image_path, image_url)
    SELECT id, concept, position, name, colors, description, derived, path, url
    FROM (${VARIATIONS.select(1 + FINISHED.count)}) AS variation
    WHERE concept IN (SELECT concept FROM held)),
  -- No attempt will go on from them; their objects go with the folder's tidying up.
  dropped AS (DELETE FROM task_checkpoints USING held WHERE task_id = held.task),
  timed AS (${insertTimings(1 + FINISHED.count + VARIATIONS.count, 'held')})
  SELECT completed.task IS NOT NULL AS written, seen.status
  FROM finished LEFT JOIN completed USING (task)
  LEFT JOIN LATERAL (
    SELECT status FROM tasks
    WHERE completed.task IS NULL AND tasks.id = finished.task AND claim_epoch = epoch LIMIT 1) AS seen ON true
  ORDER BY finished.place`

const COMPLETE_FREE = completionStatement('FOR NO KEY UPDATE SKIP LOCKED')
const COMPLETE_WAITING = completionStatement('FOR NO KEY UPDATE')
