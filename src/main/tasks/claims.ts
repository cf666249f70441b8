import type { Pool } from 'pg'
import type { TaskReference, Unclaimable } from '../../processors/task.ts'
import { Columns } from '../database/columns.ts'
import { BUSY, StatementBatch } from '../database/statement-batch.ts'
import { MADE, madeClaim, TAKE, type ClaimOptions, type MadeClaim, type MadeRow } from './made-claim.ts'
import { storedRequest } from './stored-request.ts'

/** `again`: an earlier claim of the same task by this worker brought no answer, but may have been made. */
type Asked = { readonly reference: TaskReference; readonly again: boolean }

/** `claim_epoch` is null where the claim was not made, and `refusal` says why. */
type ClaimRow = (MadeRow & { refusal: null }) | { claim_epoch: null; refusal: Unclaimable | 'busy' }

/** The statements that claim tasks which messages name. */
export class Claims {
  readonly #pool: Pool
  readonly #options: ClaimOptions
  readonly #batch: StatementBatch<Asked, MadeClaim | Unclaimable>

  constructor(pool: Pool, options: ClaimOptions) {
    this.#pool = pool
    this.#options = options
    this.#batch = new StatementBatch({
      keyOf: ({ reference }) => reference.taskId,
      sendMany: (asked) => this.#claim('claim-tasks', CLAIM_FREE, asked),
      sendOne: async (asked) => {
        const [answer] = await this.#claim('claim-task', CLAIM_WAITING, [asked])
        // What fitted before the wait for its lock, and not after it, went to another claim.
        return answer === BUSY ? 'held' : (answer ?? 'missing')
      },
    })
  }

  /** Claims a task for its owner. Claims that come together are one statement. */
  claim(reference: TaskReference, again: boolean): Promise<MadeClaim | Unclaimable> {
    return this.#batch.run({ reference, again })
  }

  /** The answers in the order of what was asked. */
  async #claim(
    name: string,
    text: string,
    asked: readonly Asked[],
  ): Promise<(MadeClaim | Unclaimable | typeof BUSY)[]> {
    const { workerId, leaseMs } = this.#options
    const { rows } = await this.#pool.query<ClaimRow>({
      name,
      text,
      values: [workerId, leaseMs, ...ASKED.values(asked)],
    })
    return rows.map((row, i) => {
      if (row.claim_epoch === null) return row.refusal === 'busy' ? BUSY : row.refusal
      // It was made for a row of that very type.
      return madeClaim(asked[i]!.reference.taskType, row)
    })
  }
}

const ASKED = new Columns<Asked>({
  id: ['uuid', ({ reference }) => reference.taskId],
  user_id: ['text', ({ reference }) => reference.userId],
  task_type: ['text', ({ reference }) => reference.taskType],
  request: ['json', ({ reference }) => storedRequest(reference)],
  again: ['bool', ({ again }) => again],
})

/**
 * Whether `tasks` can be claimed for `asked`. A pending task without a request waits for no retry: where it looks as if it
 * did, Postgres' clock was put back since it was handed in, and nothing but the message may know what it asks for.
 */
const FITS = `(
  status = 'pending' AND (run_at <= now() OR request IS NULL)
  OR status = 'processing' AND coalesce(lease_expires_at < now(), true)
  OR status = 'processing' AND asked.again AND claimed_by = $1)`

/**
 * The rows are found one by one through their primary key: no plan can come to read through all that are pending or
 * held, and so the condition on a constant, which makes the planner expect few of them. Of any number of claims at once one wins: the lock looks at the row as it is then, and the later ones see a
 * state that no longer fits.
 */
const claimStatement = (lock: string) => `
  WITH asked AS MATERIALIZED (${ASKED.select(3)}),
  free AS MATERIALIZED (
    SELECT asked.place, asked.request AS asked_for, task.id, 'free' AS state
    FROM asked CROSS JOIN LATERAL (
      SELECT id FROM tasks WHERE tasks.id = asked.id AND tasks.user_id = asked.user_id AND tasks.type = asked.task_type AND ${FITS}
      ${lock}) AS task),
  taken AS (
    UPDATE tasks SET ${TAKE},
      request = CASE json_typeof(free.asked_for) WHEN 'object' THEN free.asked_for ELSE tasks.request END
    FROM free WHERE tasks.id = free.id AND free.state = 'free'
    RETURNING free.place, ${MADE})
  SELECT taken.claim_epoch, taken.attempt, taken.attempts_before, taken.attempt_history,
         CASE WHEN taken.place IS NULL THEN coalesce(seen.refusal, 'missing') END AS refusal
  FROM asked LEFT JOIN taken ON taken.place = asked.place
  LEFT JOIN LATERAL (
    SELECT CASE
      WHEN tasks.user_id <> asked.user_id THEN 'not_owner'
      WHEN tasks.type <> asked.task_type THEN 'wrong_type'
      WHEN ${FITS} THEN 'busy'
      WHEN status = 'pending' THEN 'not_due'
      WHEN status = 'processing' THEN 'held'
      ELSE 'ended' END AS refusal
    FROM tasks
    WHERE taken.place IS NULL AND tasks.id = asked.id LIMIT 1) AS seen ON true
  ORDER BY asked.place`

const CLAIM_FREE = claimStatement('FOR NO KEY UPDATE SKIP LOCKED')
const CLAIM_WAITING = claimStatement('FOR NO KEY UPDATE')
