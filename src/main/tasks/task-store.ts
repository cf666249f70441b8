import type { Pool } from 'pg'
import type { Failure } from '../../processors/failure.ts'
import type { TaskLedger } from '../../processors/services.ts'
import type { StageTiming } from '../../processors/stage-clock.ts'
import type { ClaimedTask, ClaimResult, TaskReference, Unclaimable } from '../../processors/task.ts'
import { databaseFailure } from '../database/failure.ts'
import { inTransaction } from '../database/pool.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { insertStageTimings } from './stage-timings.ts'
import { storedRequest } from './stored-request.ts'

const MAX_ERROR_MESSAGE_CHARACTERS = 1_000

type ClaimRow = { type: string; claim_epoch: string; attempt: number }
type StateRow = { user_id: string; type: string; status: string; due: boolean }

/** The rows of `tasks`: claims, and every end of an attempt but completion, which belongs to the concept. */
export class TaskStore implements TaskLedger {
  readonly #pool: Pool
  readonly #leases: LeaseKeeper
  readonly #options: { readonly workerId: string; readonly leaseMs: number; readonly maxAttempts: number }

  constructor(
    pool: Pool,
    leases: LeaseKeeper,
    options: { workerId: string; leaseMs: number; maxAttempts: number },
  ) {
    this.#pool = pool
    this.#leases = leases
    this.#options = options
  }

  /**
   * Takes a task that is due for its owner. Of any number of claims at once one wins: the row lock puts them in
   * a line, and the later ones see a state that no longer fits.
   */
  async claim(reference: TaskReference): Promise<ClaimResult> {
    const { workerId, leaseMs, maxAttempts } = this.#options
    const claimedAtMs = performance.now()
    try {
      const { rows } = await this.#pool.query<ClaimRow>({
        name: 'claim-task',
        text: `UPDATE tasks
               SET status = 'processing', claim_epoch = claim_epoch + 1, attempt = attempt + 1,
                   claimed_by = $3, lease_expires_at = now() + $4 * interval '1 millisecond',
                   request = coalesce($5::json, request), updated_at = now()
               WHERE id = $1 AND user_id = $2 AND type = $6
                 AND (status = 'pending' AND run_at <= now()
                      OR status = 'processing' AND coalesce(lease_expires_at < now(), true))
               RETURNING type, claim_epoch, attempt`,
        values: [
          reference.taskId,
          reference.userId,
          workerId,
          leaseMs,
          storedRequest(reference),
          reference.taskType,
        ],
      })
      const row = rows[0]
      if (!row) return { kind: 'unclaimable', reason: await this.#whyUnclaimable(reference) }
      const { claim_epoch: epoch, attempt, type } = row
      const lost = this.#leases.hold(reference.taskId, epoch, claimedAtMs)
      const task = { id: reference.taskId, userId: reference.userId, type, epoch, attempt, maxAttempts, lost }
      return { kind: 'claimed', task }
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  fail(task: ClaimedTask, failure: Failure, timings: readonly StageTiming[]): Promise<boolean> {
    return this.#end(
      task,
      timings,
      `status = 'failed', error_code = $3, error_message = $4, completed_at = now()`,
      [failure.category, messageOf(failure)],
    )
  }

  retry(
    task: ClaimedTask,
    failure: Failure,
    afterMs: number,
    timings: readonly StageTiming[],
  ): Promise<boolean> {
    return this.#end(
      task,
      timings,
      `status = 'pending', error_code = $3, error_message = $4,
       run_at = now() + $5 * interval '1 millisecond'`,
      [failure.category, messageOf(failure), afterMs],
    )
  }

  release(task: ClaimedTask, timings: readonly StageTiming[]): Promise<boolean> {
    return this.#end(task, timings, `status = 'pending', attempt = attempt - 1, run_at = now()`, [])
  }

  /** Writes the end of an attempt under the claim's epoch; no row updated means that the claim was lost. */
  async #end(
    task: ClaimedTask,
    timings: readonly StageTiming[],
    assignments: string,
    values: readonly unknown[],
  ): Promise<boolean> {
    try {
      return await inTransaction(this.#pool, async (client) => {
        const { rowCount } = await client.query(
          `UPDATE tasks SET ${assignments}, claimed_by = NULL, lease_expires_at = NULL, updated_at = now()
           WHERE id = $1 AND claim_epoch = $2 AND status = 'processing'`,
          [task.id, task.epoch, ...values],
        )
        if (rowCount === 0) return false
        await insertStageTimings(client, task.id, task.attempt, timings)
        return true
      })
    } catch (error) {
      throw databaseFailure(error)
    } finally {
      this.#leases.drop(task.id, task.epoch)
    }
  }

  async #whyUnclaimable({ taskId, userId, taskType }: TaskReference): Promise<Unclaimable> {
    const { rows } = await this.#pool.query<StateRow>({
      name: 'task-state',
      text: 'SELECT user_id, type, status, run_at <= now() AS due FROM tasks WHERE id = $1',
      values: [taskId],
    })
    const row = rows[0]
    if (!row) return 'missing'
    if (row.user_id !== userId) return 'not_owner'
    if (row.type !== taskType) return 'wrong_type'
    if (row.status === 'pending' && !row.due) return 'not_due'
    // A pending task that is due was claimed and given back between the two statements.
    return row.status === 'processing' || row.status === 'pending' ? 'held' : 'ended'
  }
}

function messageOf(failure: Failure): string {
  return failure.message.slice(0, MAX_ERROR_MESSAGE_CHARACTERS).toWellFormed().replaceAll('\0', '')
}
