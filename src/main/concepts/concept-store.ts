import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { ConceptArchive, FinishedConcept, OriginalConcept } from '../../processors/services.ts'
import type { StageTiming } from '../../processors/stage-clock.ts'
import type { ClaimedTask } from '../../processors/task.ts'
import { databaseFailure } from '../database/failure.ts'
import { insist } from '../database/insistence.ts'
import type { LeaseKeeper } from '../tasks/lease-keeper.ts'
import { Completions } from './completions.ts'

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
  readonly #patienceMs: number
  readonly #completions: Completions

  /** Where Postgres is away, all is asked for again for up to `patienceMs`: of what is completed all work is done. */
  constructor(pool: Pool, leases: LeaseKeeper, patienceMs: number) {
    this.#pool = pool
    this.#leases = leases
    this.#patienceMs = patienceMs
    this.#completions = new Completions(pool)
  }

  async complete(
    task: ClaimedTask,
    concept: FinishedConcept,
    timings: () => readonly StageTiming[],
  ): Promise<string | null> {
    const completion = { task, conceptId: randomUUID(), concept, timings }
    let isAgain = false
    try {
      const written = await insist(this.#patienceMs, (again) => {
        isAgain = again
        return this.#completions.complete(completion)
      })
      const isStored = written === 'written' || (isAgain && written === 'earlier')
      if (!isStored) await this.#leases.look()
      this.#leases.drop(task.id, task.epoch)
      return isStored ? completion.conceptId : null
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async findByImagePath(userId: string, path: string): Promise<OriginalConcept | null> {
    try {
      const { rows } = await insist(this.#patienceMs, () =>
        this.#pool.query<OriginalRow>({
          name: 'concept-by-image-path',
          // A condition with OR would find neither index of the two, and read through all concepts.
          text: `SELECT id, logo_description, theme_description, is_anonymous FROM concepts
                 WHERE user_id = $1 AND id IN (
                   SELECT id FROM concepts WHERE image_path = $2
                   UNION ALL
                   SELECT concept_id FROM color_variations WHERE image_path = $2)`,
          values: [userId, path],
        }),
      )
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
