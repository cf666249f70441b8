import type { Pool } from 'pg'
import type { TaskLog } from '../../processors/services.ts'

type Held = { readonly epoch: string; readonly controller: AbortController; renewedAtMs: number }

/** Renewals within one lease: two may fail before the claim is in danger. */
const RENEWALS_A_LEASE = 3

/**
 * Keeps the leases of all tasks in hand alive with one timer and one statement, and tells which claims are
 * lost: taken over by another worker, cancelled, or not renewable for so long that another may have them.
 *
 * Its weakness: a main thread that is blocked for longer than a lease loses its claims without knowing; the
 * epoch in every write is what keeps that harmless.
 */
export class LeaseKeeper {
  readonly #pool: Pool
  readonly #leaseMs: number
  readonly #log: TaskLog
  readonly #held = new Map<string, Held>()
  #timer: NodeJS.Timeout | undefined
  #renewal: Promise<void> = Promise.resolve()

  constructor(pool: Pool, leaseMs: number, log: TaskLog) {
    this.#pool = pool
    this.#leaseMs = leaseMs
    this.#log = log
  }

  /** Takes care of a claim just made; the signal aborts when it is lost. */
  hold(taskId: string, epoch: string, claimedAtMs: number): AbortSignal {
    const controller = new AbortController()
    this.#held.set(taskId, { epoch, controller, renewedAtMs: claimedAtMs })
    this.#timer ??= setInterval(() => {
      this.#renewal = this.#renewal.then(() => this.#renew())
    }, this.#leaseMs / RENEWALS_A_LEASE)
    return controller.signal
  }

  /** The task has ended for this worker, one way or another. */
  drop(taskId: string, epoch: string): void {
    if (this.#held.get(taskId)?.epoch === epoch) this.#held.delete(taskId)
    if (this.#held.size === 0) this.#stopTimer()
  }

  /** Waits for a renewal under way. Claims still held are left to run out. */
  async stop(): Promise<void> {
    this.#stopTimer()
    await this.#renewal
  }

  #stopTimer(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #renew(): Promise<void> {
    const claims = [...this.#held].map(([taskId, held]) => ({ taskId, held }))
    if (claims.length === 0) return
    const startedAtMs = performance.now()
    try {
      const { rows } = await this.#pool.query<{ id: string; claim_epoch: string }>({
        name: 'renew-leases',
        // Rows are locked in the order of their ids, so that two statements over many tasks cannot deadlock.
        text: `WITH held AS (
                 SELECT t.id FROM unnest($1::uuid[], $2::bigint[]) AS claim (id, epoch)
                 JOIN tasks t ON t.id = claim.id AND t.claim_epoch = claim.epoch
                 WHERE t.status = 'processing'
                 ORDER BY t.id FOR UPDATE OF t)
               UPDATE tasks SET lease_expires_at = now() + $3 * interval '1 millisecond'
               FROM held WHERE tasks.id = held.id RETURNING tasks.id, tasks.claim_epoch`,
        values: [claims.map((c) => c.taskId), claims.map((c) => c.held.epoch), this.#leaseMs],
      })
      const renewed = new Set(rows.map((row) => `${row.id}/${row.claim_epoch}`))
      for (const { taskId, held } of claims) {
        if (renewed.has(`${taskId}/${held.epoch}`)) held.renewedAtMs = startedAtMs
        else this.#lose(taskId, held)
      }
    } catch (error) {
      this.#log.warn({ err: error, tasks: claims.length }, 'leases could not be renewed')
      for (const { taskId, held } of claims) {
        if (performance.now() - held.renewedAtMs > this.#leaseMs) this.#lose(taskId, held)
      }
    }
  }

  #lose(taskId: string, held: Held): void {
    // A task that ended while the renewal was under way is not lost.
    if (this.#held.get(taskId) !== held) return
    this.drop(taskId, held.epoch)
    this.#log.warn({ taskId }, 'claim lost')
    held.controller.abort(new Error('the claim is lost'))
  }
}
