import type { Pool } from 'pg'
import type { ImageKind } from '../../processors/image-kind.ts'
import type { Checkpoint, CheckpointLedger } from '../../processors/services.ts'
import type { PayingStage } from '../../processors/stage-clock.ts'
import type { ClaimedTask } from '../../processors/task.ts'
import { databaseFailure } from '../database/failure.ts'
import { insist } from '../database/insistence.ts'
import type { LeaseKeeper } from '../tasks/lease-keeper.ts'

type Row = {
  value: unknown
  object_path: string | null
  sha256: string | null
  size_bytes: string | null
  content_type: string | null
}

/** Of the first claim of a task: nobody has kept anything for it yet. */
const FIRST_EPOCH = '1'

/**
 * The rows of `task_checkpoints`. Each write looks at the claim in the same statement, under a lock of the task's row:
 * without the lock another claim could be made, and look for checkpoints, between the look and the write. So the
 * checkpoints of a task are always those of its newest claim and of the ones before it, and a claim sees at its start
 * all that there will be from others.
 */
export class CheckpointStore implements CheckpointLedger {
  readonly #pool: Pool
  readonly #leases: Pick<LeaseKeeper, 'look'>
  readonly #patienceMs: number

  /** Where Postgres is away, a write is asked for again for up to `patienceMs`: what is to be kept has been paid for. */
  constructor(pool: Pool, leases: Pick<LeaseKeeper, 'look'>, patienceMs: number) {
    this.#pool = pool
    this.#leases = leases
    this.#patienceMs = patienceMs
  }

  async find(task: ClaimedTask, stage: PayingStage, askedFor: string): Promise<Checkpoint | null> {
    if (task.epoch === FIRST_EPOCH) return null
    try {
      const { rows } = await this.#pool.query<Row>({
        name: 'find-checkpoint',
        text: `SELECT value, object_path, sha256, size_bytes, content_type FROM task_checkpoints
               WHERE task_id = $1 AND name = $2 AND asked_for = $3`,
        values: [task.id, stage, askedFor],
      })
      return rows[0] ? checkpointOf(rows[0], stage, askedFor) : null
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async keep(task: ClaimedTask, { stage, askedFor, image, value }: Checkpoint): Promise<boolean> {
    const isKept = await this.#write({
      name: 'keep-checkpoint',
      text: `INSERT INTO task_checkpoints
               (task_id, claim_epoch, name, asked_for, value, object_path, sha256, size_bytes, content_type)
             SELECT id, claim_epoch, $3, $4, $5::jsonb, $6, $7, $8::bigint, $9 FROM tasks
             WHERE id = $1 AND claim_epoch = $2 AND status = 'processing' FOR SHARE
             ON CONFLICT (task_id, name) DO UPDATE
             SET claim_epoch = excluded.claim_epoch, asked_for = excluded.asked_for, value = excluded.value,
                 object_path = excluded.object_path, sha256 = excluded.sha256, size_bytes = excluded.size_bytes,
                 content_type = excluded.content_type, created_at = now()`,
      values: [
        task.id,
        task.epoch,
        stage,
        askedFor,
        value ? JSON.stringify(value) : null,
        image?.path ?? null,
        image?.sha256 ?? null,
        image?.sizeBytes ?? null,
        image?.contentType ?? null,
      ],
    })
    if (!isKept) await this.#leases.look()
    return isKept
  }

  async forget(task: ClaimedTask, stage: PayingStage): Promise<boolean> {
    return this.#write({
      name: 'forget-checkpoint',
      text: `WITH held AS (
               SELECT id FROM tasks WHERE id = $1 AND claim_epoch = $2 AND status = 'processing' FOR SHARE)
             DELETE FROM task_checkpoints USING held WHERE task_id = held.id AND name = $3`,
      values: [task.id, task.epoch, stage],
    })
  }

  async #write(query: { name: string; text: string; values: unknown[] }): Promise<boolean> {
    try {
      const { rowCount } = await insist(this.#patienceMs, () => this.#pool.query(query))
      return rowCount !== 0
    } catch (error) {
      throw databaseFailure(error)
    }
  }
}

function checkpointOf(row: Row, stage: PayingStage, askedFor: string): Checkpoint | null {
  const { value, object_path: path, sha256, size_bytes: sizeBytes, content_type: contentType } = row
  if (Array.isArray(value)) return { stage, askedFor, value }
  if (path === null || sha256 === null || sizeBytes === null || !isImageKind(contentType)) return null
  return { stage, askedFor, image: { path, sha256, sizeBytes: Number(sizeBytes), contentType } }
}

function isImageKind(contentType: string | null): contentType is ImageKind {
  return contentType === 'image/png' || contentType === 'image/jpeg' || contentType === 'image/webp'
}
