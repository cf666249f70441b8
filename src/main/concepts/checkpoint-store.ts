import type { Pool } from 'pg'
import type { ImageKind } from '../../processors/image-kind.ts'
import type { Checkpoint, CheckpointLedger } from '../../processors/services.ts'
import type { PayingStage } from '../../processors/stage-clock.ts'
import type { ClaimedTask } from '../../processors/task.ts'
import { Columns } from '../database/columns.ts'
import { databaseFailure } from '../database/failure.ts'
import { insist } from '../database/insistence.ts'
import { BUSY, StatementBatch } from '../database/statement-batch.ts'
import type { LeaseKeeper } from '../tasks/lease-keeper.ts'

type Row = {
  value: unknown
  object_path: string | null
  sha256: string | null
  size_bytes: string | null
  content_type: string | null
}

type Keeping = { readonly task: ClaimedTask; readonly checkpoint: Checkpoint }
/** `status` is that of the row under the claim's epoch, where nothing was kept. */
type KeepingRow = { kept: boolean; status: string | null }

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
  readonly #keepings: StatementBatch<Keeping, boolean>

  /** Where Postgres is away, all is asked for again for up to `patienceMs`: what is to be kept has been paid for. */
  constructor(pool: Pool, leases: Pick<LeaseKeeper, 'look'>, patienceMs: number) {
    this.#pool = pool
    this.#leases = leases
    this.#patienceMs = patienceMs
    this.#keepings = new StatementBatch<Keeping, boolean>({
      keyOf: ({ task }) => task.id,
      sendMany: async (keepings) =>
        (await this.#keep('keep-checkpoints', KEEP_FREE, keepings)).map(({ kept, status }) =>
          !kept && status === 'processing' ? BUSY : kept,
        ),
      sendOne: async (keeping) =>
        (await this.#keep('keep-checkpoint', KEEP_WAITING, [keeping]))[0]?.kept ?? false,
    })
  }

  async find(task: ClaimedTask, stage: PayingStage, askedFor: string): Promise<Checkpoint | null> {
    if (task.epoch === FIRST_EPOCH) return null
    try {
      const { rows } = await insist(this.#patienceMs, () =>
        this.#pool.query<Row>({
          name: 'find-checkpoint',
          text: `SELECT value, object_path, sha256, size_bytes, content_type FROM task_checkpoints
                 WHERE task_id = $1 AND name = $2 AND asked_for = $3`,
          values: [task.id, stage, askedFor],
        }),
      )
      return rows[0] ? checkpointOf(rows[0], stage, askedFor) : null
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  /** Checkpoints that are to be kept together are one statement. */
  async keep(task: ClaimedTask, checkpoint: Checkpoint): Promise<boolean> {
    try {
      const isKept = await insist(this.#patienceMs, () => this.#keepings.run({ task, checkpoint }))
      if (!isKept) await this.#leases.look()
      return isKept
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async forget(task: ClaimedTask, stage: PayingStage): Promise<boolean> {
    try {
      const { rowCount } = await insist(this.#patienceMs, () =>
        this.#pool.query({
          name: 'forget-checkpoint',
          text: `WITH held AS (
                   SELECT id FROM tasks WHERE id = $1 AND claim_epoch = $2 AND status = 'processing' FOR SHARE)
                 DELETE FROM task_checkpoints USING held WHERE task_id = held.id AND name = $3`,
          values: [task.id, task.epoch, stage],
        }),
      )
      return rowCount !== 0
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async #keep(name: string, text: string, keepings: readonly Keeping[]): Promise<KeepingRow[]> {
    return (await this.#pool.query<KeepingRow>({ name, text, values: KEEPINGS.values(keepings) })).rows
  }
}

const KEEPINGS = new Columns<Keeping>({
  task: ['uuid', ({ task }) => task.id],
  epoch: ['bigint', ({ task }) => task.epoch],
  stage: ['text', ({ checkpoint }) => checkpoint.stage],
  asked_for: ['text', ({ checkpoint }) => checkpoint.askedFor],
  value: ['jsonb', ({ checkpoint: { value } }) => (value ? JSON.stringify(value) : null)],
  path: ['text', ({ checkpoint }) => checkpoint.image?.path],
  sha256: ['text', ({ checkpoint }) => checkpoint.image?.sha256],
  size: ['bigint', ({ checkpoint }) => checkpoint.image?.sizeBytes],
  type: ['text', ({ checkpoint }) => checkpoint.image?.contentType],
})

/**
 * The rows of the tasks are found one by one through their primary key, and their state is looked at afterwards, for the
 * planner's sake, as in a completion.
 */
const keepStatement = (lock: string) => `
  WITH asked AS MATERIALIZED (${KEEPINGS.select(1)}),
  found AS MATERIALIZED (
    SELECT asked.*, row.status FROM asked CROSS JOIN LATERAL (
      SELECT status FROM tasks WHERE tasks.id = asked.task AND claim_epoch = asked.epoch
      ${lock}) AS row),
  written AS (
    INSERT INTO task_checkpoints
      (task_id, claim_epoch, name, asked_for, value, object_path, sha256, size_bytes, content_type)
    SELECT task, epoch, stage, asked_for, CASE jsonb_typeof(value) WHEN 'null' THEN NULL ELSE value END,
           path, sha256, size, type
    FROM found WHERE status = 'processing'
    ON CONFLICT (task_id, name) DO UPDATE
    SET claim_epoch = excluded.claim_epoch, asked_for = excluded.asked_for, value = excluded.value,
        object_path = excluded.object_path, sha256 = excluded.sha256, size_bytes = excluded.size_bytes,
        content_type = excluded.content_type, created_at = now()
    RETURNING task_id)
  SELECT written.task_id IS NOT NULL AS kept, seen.status
  FROM asked LEFT JOIN written ON written.task_id = asked.task
  LEFT JOIN LATERAL (
    SELECT status FROM tasks
    WHERE written.task_id IS NULL AND tasks.id = asked.task AND claim_epoch = asked.epoch LIMIT 1) AS seen ON true
  ORDER BY asked.place`

const KEEP_FREE = keepStatement('FOR SHARE SKIP LOCKED')
const KEEP_WAITING = keepStatement('FOR SHARE')

function checkpointOf(row: Row, stage: PayingStage, askedFor: string): Checkpoint | null {
  const { value, object_path: path, sha256, size_bytes: sizeBytes, content_type: contentType } = row
  if (Array.isArray(value)) return { stage, askedFor, value }
  if (path === null || sha256 === null || sizeBytes === null || !isImageKind(contentType)) return null
  return { stage, askedFor, image: { path, sha256, sizeBytes: Number(sizeBytes), contentType } }
}

function isImageKind(contentType: string | null): contentType is ImageKind {
  return contentType === 'image/png' || contentType === 'image/jpeg' || contentType === 'image/webp'
}
