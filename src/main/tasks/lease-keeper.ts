import type { Pool } from 'pg'
import type { TaskLog } from '../../processors/services.ts'
import type { BoundedQuery } from '../database/pool.ts'

type Held = {
  readonly taskId: string
  readonly epoch: string
  readonly controller: AbortController
  /** When the claim or the renewal was started that the lease counts from. */
  leasedAtMs: number
  /** Gives the claim up when no renewal has come in time. */
  expiry: NodeJS.Timeout | undefined
}

type RenewalRow = { id: string; claim_epoch: string; renewed: boolean }

/** Renewals within one lease: two may fail before the claim is in danger. */
const RENEWALS_A_LEASE = 3
/** The part of a lease, at its end, that is not made use of: time for what is under way to take note. */
const SAFETY_SHARE = 0.1

/**
 * Keeps the leases of all tasks in hand alive with one timer and one statement, and tells which claims are lost:
 * taken over by another worker, cancelled, or not renewed in time.
 *
 * The last it tells by its own clock, whatever Postgres does. A lease in the database runs from a moment after its
 * claim or renewal was started here, so counting from the start, and a tenth of the lease less, a claim is given up
 * before any other worker can have it. A renewal that hangs neither hides that nor keeps the next one waiting.
 *
 * What remains: a process that stands still for longer than that tenth (stopped, suspended, its main thread blocked)
 * goes on for a moment before it takes note, and what was already handed to the file system or to an object store
 * is not called back. The epoch in every write keeps that harmless for the database; a stored picture can be
 * replaced by one of an older attempt at the same task.
 */
export class LeaseKeeper {
  readonly #pool: Pool
  readonly #leaseMs: number
  readonly #renewalMs: number
  readonly #log: TaskLog
  readonly #held = new Map<string, Held>()
  readonly #renewals = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #renewed = 0
  #lost = 0

  constructor(pool: Pool, leaseMs: number, log: TaskLog) {
    this.#pool = pool
    this.#leaseMs = leaseMs
    this.#renewalMs = leaseMs / RENEWALS_A_LEASE
    this.#log = log
  }

  /** How many leases were renewed and how many claims were lost since the start. */
  get counts(): { readonly renewed: number; readonly lost: number } {
    return { renewed: this.#renewed, lost: this.#lost }
  }

  /**
   * Takes care of a claim just made; the signal aborts when it is lost. `claimedAtMs` is the time, by
   * `performance.now()`, before the claim was asked for.
   */
  hold(taskId: string, epoch: string, claimedAtMs: number): AbortSignal {
    const older = this.#held.get(taskId)
    if (older) this.#lose(older)
    const held: Held = {
      taskId,
      epoch,
      controller: new AbortController(),
      leasedAtMs: claimedAtMs,
      expiry: undefined,
    }
    this.#held.set(taskId, held)
    this.#timer ??= setInterval(() => this.#startRenewal(), this.#renewalMs)
    this.#count(held)
    return held.controller.signal
  }

  /** The task has ended for this worker, one way or another. */
  drop(taskId: string, epoch: string): void {
    const held = this.#held.get(taskId)
    if (held?.epoch !== epoch) return
    clearTimeout(held.expiry)
    this.#held.delete(taskId)
    if (this.#held.size === 0) this.#stopTimer()
  }

  /** Renews nothing more: claims still held count as lost. Waits for a renewal under way. */
  async stop(): Promise<void> {
    this.#stopTimer()
    for (const held of this.#held.values()) this.#lose(held)
    await Promise.all(this.#renewals)
  }

  #stopTimer(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Sets the clock of a claim anew. */
  #count(held: Held): void {
    clearTimeout(held.expiry)
    const leftMs = held.leasedAtMs + this.#leaseMs * (1 - SAFETY_SHARE) - performance.now()
    if (leftMs <= 0) this.#lose(held)
    else held.expiry = setTimeout(() => this.#lose(held), leftMs)
  }

  #startRenewal(): void {
    const renewal = this.#renew().finally(() => this.#renewals.delete(renewal))
    this.#renewals.add(renewal)
  }

  async #renew(): Promise<void> {
    const claims = [...this.#held.values()]
    const startedAtMs = performance.now()
    const query: BoundedQuery = {
      name: 'renew-leases',
      // A claim whose row is locked by somebody is passed over rather than waited for: it would keep all others from
      // being renewed. It is neither renewed nor lost then. So no two of these statements can deadlock either.
      // A claim that is taken over between the snapshot and the lock is not renewed, because the lock looks at
      // the row as it is then; that it is lost shows in the next renewal.
      text: `WITH valid AS (
               SELECT t.id, t.claim_epoch FROM unnest($1::uuid[], $2::bigint[]) AS claim (id, epoch)
               JOIN tasks t ON t.id = claim.id AND t.claim_epoch = claim.epoch
               WHERE t.status = 'processing'),
             free AS (
               SELECT t.id FROM unnest($1::uuid[], $2::bigint[]) AS claim (id, epoch)
               JOIN tasks t ON t.id = claim.id AND t.claim_epoch = claim.epoch
               WHERE t.status = 'processing'
               FOR UPDATE OF t SKIP LOCKED),
             renewed AS (
               UPDATE tasks SET lease_expires_at = now() + $3 * interval '1 millisecond'
               FROM free WHERE tasks.id = free.id RETURNING tasks.id)
             SELECT valid.id, valid.claim_epoch, renewed.id IS NOT NULL AS renewed
             FROM valid LEFT JOIN renewed USING (id)`,
      values: [claims.map(({ taskId }) => taskId), claims.map(({ epoch }) => epoch), this.#leaseMs],
      query_timeout: this.#renewalMs,
    }
    try {
      const { rows } = await this.#pool.query<RenewalRow>(query)
      const states = new Map(rows.map((row) => [`${row.id}/${row.claim_epoch}`, row.renewed]))
      for (const held of claims) this.#take(held, states.get(`${held.taskId}/${held.epoch}`), startedAtMs)
    } catch (error) {
      this.#log.warn({ err: error, tasks: claims.length }, 'leases could not be renewed')
    }
  }

  /** `renewed` is undefined where the claim is no longer ours. */
  #take(held: Held, renewed: boolean | undefined, startedAtMs: number): void {
    // A task that ended while the renewal was under way is neither lost nor held.
    if (this.#held.get(held.taskId) !== held) return
    if (renewed === undefined) this.#lose(held)
    // Answers of renewals that overlap may come in any order.
    else if (renewed && startedAtMs > held.leasedAtMs) {
      held.leasedAtMs = startedAtMs
      this.#renewed++
      this.#count(held)
    }
  }

  #lose(held: Held): void {
    this.drop(held.taskId, held.epoch)
    this.#lost++
    this.#log.warn({ taskId: held.taskId }, 'claim lost')
    held.controller.abort(new Error('the claim is lost'))
  }
}
