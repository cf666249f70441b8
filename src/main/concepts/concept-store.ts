import { randomUUID } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import type {
  ConceptArchive,
  FinishedConcept,
  FinishedVariation,
  OriginalConcept,
} from '../../processors/services.ts'
import type { StageTiming } from '../../processors/stage-clock.ts'
import type { ClaimedTask } from '../../processors/task.ts'
import { databaseFailure } from '../database/failure.ts'
import { inTransaction } from '../database/pool.ts'
import type { LeaseKeeper } from '../tasks/lease-keeper.ts'
import { insertStageTimings } from '../tasks/stage-timings.ts'

type OriginalRow = {
  id: string
  logo_description: string
  theme_description: string
  is_anonymous: boolean
}

/** The rows of `concepts` and `color_variations`, written once, with the task's completion. */
export class ConceptStore implements ConceptArchive {
  readonly #pool: Pool
  readonly #leases: LeaseKeeper

  constructor(pool: Pool, leases: LeaseKeeper) {
    this.#pool = pool
    this.#leases = leases
  }

  async complete(
    task: ClaimedTask,
    concept: FinishedConcept,
    timings: () => readonly StageTiming[],
  ): Promise<string | null> {
    const conceptId = randomUUID()
    try {
      const stored = await inTransaction(this.#pool, async (client) => {
        // First the fence: its row lock keeps every other claim out until the commit, and a claim that is lost
        // ends here, with nothing written.
        const { rowCount } = await client.query({
          name: 'complete-task',
          text: `UPDATE tasks
                 SET status = 'completed', result_id = $3, error_code = NULL, error_message = NULL,
                     claimed_by = NULL, lease_expires_at = NULL, completed_at = now(), updated_at = now()
                 WHERE id = $1 AND claim_epoch = $2 AND status = 'processing'`,
          values: [task.id, task.epoch, conceptId],
        })
        if (rowCount === 0) return null
        await insertConcept(client, conceptId, task, concept)
        await insertVariations(client, conceptId, concept.variations)
        await dropCheckpoints(client, task.id)
        await insertStageTimings(client, task.id, task.attempt, timings())
        return conceptId
      })
      this.#leases.drop(task.id, task.epoch)
      return stored
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async findByImagePath(userId: string, path: string): Promise<OriginalConcept | null> {
    try {
      const { rows } = await this.#pool.query<OriginalRow>({
        name: 'concept-by-image-path',
        text: `SELECT id, logo_description, theme_description, is_anonymous FROM concepts
               WHERE user_id = $1 AND (image_path = $2 OR id IN (
                 SELECT concept_id FROM color_variations WHERE image_path = $2))`,
        values: [userId, path],
      })
      const row = rows[0]
      if (!row) return null
      return {
        id: row.id,
        logoDescription: row.logo_description,
        themeDescription: row.theme_description,
        isAnonymous: row.is_anonymous,
      }
    } catch (error) {
      throw databaseFailure(error)
    }
  }
}

/** No attempt will go on from them; their objects go with the folder's tidying up. */
async function dropCheckpoints(client: PoolClient, taskId: string): Promise<void> {
  await client.query({
    name: 'drop-checkpoints',
    text: 'DELETE FROM task_checkpoints WHERE task_id = $1',
    values: [taskId],
  })
}

async function insertConcept(
  client: PoolClient,
  conceptId: string,
  task: ClaimedTask,
  concept: FinishedConcept,
): Promise<void> {
  await client.query({
    name: 'insert-concept',
    text: `INSERT INTO concepts
             (id, user_id, task_id, logo_description, theme_description, image_path, image_url, is_anonymous,
              refinement_prompt, original_image_url, original_concept_id, swatches)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      conceptId,
      task.userId,
      task.id,
      concept.logoDescription,
      concept.themeDescription,
      concept.stored.path,
      concept.stored.url,
      concept.isAnonymous,
      concept.refinement?.prompt ?? null,
      concept.refinement?.originalImageUrl ?? null,
      concept.refinement?.originalConceptId ?? null,
      JSON.stringify(concept.swatches),
    ],
  })
}

async function insertVariations(
  client: PoolClient,
  conceptId: string,
  variations: readonly FinishedVariation[],
): Promise<void> {
  if (variations.length === 0) return
  await client.query({
    name: 'insert-variations',
    text: `INSERT INTO color_variations
             (id, concept_id, position, palette_name, colors, description, derived, image_path, image_url)
           SELECT id, $1, place - 1, palette_name, colors::jsonb, description, derived, image_path, image_url
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::text[], $8::text[])
             WITH ORDINALITY AS v (id, palette_name, colors, description, derived, image_path, image_url, place)`,
    values: [
      conceptId,
      variations.map(() => randomUUID()),
      variations.map(({ palette }) => palette.name),
      variations.map(({ palette }) => JSON.stringify(palette.colors)),
      variations.map(({ palette }) => palette.description),
      variations.map(({ palette }) => palette.derived),
      variations.map(({ stored }) => stored.path),
      variations.map(({ stored }) => stored.url),
    ],
  })
}
