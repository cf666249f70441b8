import type { Pool } from 'pg'
import { Interruption } from '../../processors/interruption.ts'
import type { TaskLog } from '../../processors/services.ts'
import { ClaimLost, type ClaimLoss } from '../../processors/task.ts'
import type { BoundedQuery } from '../database/pool.ts'

class Held implements KeptClaim {
  readonly taskId: string
  readonly epoch: string
  readonly loss = new Interruption()
  /** When the claim or the renewal was started that the lease counts from. */
  leasedAtMs: number
  /** Since when a renewal has been asked for in vain. */
  inVainSinceMs: number | undefined

  constructor(taskId: string, epoch: string, leasedAtMs: number) {
    this.taskId = taskId
    this.epoch = epoch
    this.leasedAtMs = leasedAtMs
  }

  get lost(): AbortSignal {
    return this.loss.signal
  }
}

type StateRow = { id: string; claim_epoch: string; status: string; renewed: boolean }

/** A claim whose lease is kept. */
export type KeptClaim = {
  /** Aborts, with a {@link ClaimLost}, when the claim is lost. */
  readonly lost: AbortSignal
}

/** Renewals within one lease: two may fail before the claim is in danger. */
const RENEWALS_A_LEASE = 3
/** The part of a lease, at its end, that is not made use of: time for what is under way to take note. */
const SAFETY_SHARE = 0.1
/** So soon a cancelled task is noticed, however long the lease. */
const LOOK_MS = 2_000

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
  readonly #underWay = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #renewed = 0
  #lost = 0
  #lookTimer: NodeJS.Timeout | undefined
  /** Gives up the claims that no renewal has come for in time. One for all: a timer for each is dear where tasks are short. */
  #expiry: NodeJS.Timeout | undefined
  #expiryAtMs = Infinity

  /** The pool is best one of its own: renewals must not wait behind other queries. */
  constructor(pool: Pool, leaseMs: number, log: TaskLog) {
    this.#pool = pool
    this.#leaseMs = leaseMs
    this.#renewalMs = leaseMs / RENEWALS_A_LEASE
    this.#log = log
  }

  /** How many leases were renewed and how many claims were lost since the start; a cancelled task is no loss. */
  get counts(): { readonly renewed: number; readonly lost: number } {
    return { renewed: this.#renewed, lost: this.#lost }
  }

  /**
   * Takes care of a claim just made. `claimedAtMs` is the time, by `performance.now()`, before the claim was asked for.
   */
  hold(taskId: string, epoch: string, claimedAtMs: number): KeptClaim {
    const older = this.#held.get(taskId)
    if (older) this.#lose(older, 'taken')
    const held = new Held(taskId, epoch, claimedAtMs)
    this.#held.set(taskId, held)
    this.#timer ??= setInterval(() => this.#start(this.#renew()), this.#renewalMs)
    if (this.#renewalMs > LOOK_MS) this.#lookTimer ??= setInterval(() => this.#start(this.look()), LOOK_MS)
    // An answer that took as long as the lease is Postgres' doing, and no work has been begun on it.
    this.#count(held, 'unreachable')
    return held
  }

  /** The task has ended for this worker, one way or another. */
  drop(taskId: string, epoch: string): void {
    const held = this.#held.get(taskId)
    if (held?.epoch !== epoch) return
    this.#held.delete(taskId)
    if (this.#held.size === 0) this.#stopTimers()
  }

  /** Renews nothing more: claims still held count as lost. Waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopTimers()
    for (const held of this.#held.values()) this.#lose(held, 'expired')
    await Promise.all(this.#underWay)
  }

  #stopTimers(): void {
    clearInterval(this.#timer)
    clearInterval(this.#lookTimer)
    clearTimeout(this.#expiry)
    this.#timer = undefined
    this.#lookTimer = undefined
    this.#expiryAtMs = Infinity
  }

  #endOf({ leasedAtMs }: Held): number {
    return leasedAtMs + this.#leaseMs * (1 - SAFETY_SHARE)
  }

  /** Counts a claim's time anew. `whenOver` is why it is lost, should its lease be over already. */
  #count(held: Held, whenOver: ClaimLoss): void {
    const nowMs = performance.now()
    const endMs = this.#endOf(held)
    if (endMs <= nowMs) this.#lose(held, whenOver)
    else this.#expireAt(endMs, nowMs)
  }

  /** Of a claim that has ended or was renewed meanwhile the timer finds nothing to do, and goes on to the next one. */
  #expireAt(endMs: number, nowMs: number): void {
    if (endMs >= this.#expiryAtMs) return
    clearTimeout(this.#expiry)
    this.#expiryAtMs = endMs
    this.#expiry = setTimeout(() => this.#expireAll(), endMs - nowMs)
  }

  #expireAll(): void {
    this.#expiryAtMs = Infinity
    const nowMs = performance.now()
    let nextMs = Infinity
    for (const held of this.#held.values()) {
      const endMs = this.#endOf(held)
      if (endMs <= nowMs) this.#expire(held)
      else nextMs = Math.min(nextMs, endMs)
    }
    if (nextMs < Infinity) this.#expireAt(nextMs, nowMs)
  }

  /** Where it was this process that stood still, the renewals are as late as this. */
  #expire(held: Held): void {
    const inVainMs = performance.now() - (held.inVainSinceMs ?? Infinity)
    this.#lose(held, inVainMs >= this.#renewalMs / 2 ? 'unreachable' : 'expired')
  }

  #start(query: Promise<void>): void {
    const ended = query.finally(() => this.#underWay.delete(ended))
    this.#underWay.add(ended)
  }

  async #renew(): Promise<void> {
    const claims = [...this.#held.values()]
    const startedAtMs = performance.now()
    for (const held of claims) held.inVainSinceMs ??= startedAtMs
    const query: BoundedQuery = {
      name: 'renew-leases',
      // A claim whose row is locked by somebody is passed over rather than waited for: it would keep all others from
      // being renewed. It is neither renewed nor lost then. So no two of these statements can deadlock either.
      // A claim that is taken over between the snapshot and the lock is not renewed, because the lock looks at
      // the row as it is then; that it is lost shows the next time.
      text: `WITH claim AS MATERIALIZED (
               SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS claim (id, epoch)),
             free AS MATERIALIZED (
               SELECT task.id, task.status FROM claim CROSS JOIN LATERAL (
                 SELECT id, status FROM tasks WHERE tasks.id = claim.id AND claim_epoch = claim.epoch
                 FOR NO KEY UPDATE SKIP LOCKED) AS task),
             renewed AS (
               UPDATE tasks SET lease_expires_at = now() + $3 * interval '1 millisecond'
               FROM free WHERE tasks.id = free.id AND free.status = 'processing' RETURNING tasks.id)
             SELECT tasks.id, claim_epoch, tasks.status, renewed.id IS NOT NULL AS renewed
             FROM claim JOIN tasks ON tasks.id = claim.id LEFT JOIN renewed ON renewed.id = claim.id`,
      values: [claims.map(({ taskId }) => taskId), claims.map(({ epoch }) => epoch), this.#leaseMs],
      query_timeout: this.#renewalMs,
    }
    try {
      this.#takeAll(claims, (await this.#pool.query<StateRow>(query)).rows, startedAtMs)
    } catch (error) {
      this.#log.warn({ err: error, tasks: claims.length }, 'leases could not be renewed')
    }
  }

  /**
   * Only reads, to see what was cancelled or taken over: between renewals, and where a write under a claim was refused,
   * so that its loss is known before the work ends. Never throws.
   */
  async look(): Promise<void> {
    const claims = [...this.#held.values()]
    const query: BoundedQuery = {
      name: 'claims-in-hand',
      text: 'SELECT id, claim_epoch, status, false AS renewed FROM tasks WHERE id = ANY ($1::uuid[])',
      values: [claims.map(({ taskId }) => taskId)],
      query_timeout: LOOK_MS,
    }
    try {
      this.#takeAll(claims, (await this.#pool.query<StateRow>(query)).rows, 0)
    } catch (error) {
      this.#log.debug({ err: error, tasks: claims.length }, 'claims could not be looked at')
    }
  }

  #takeAll(claims: readonly Held[], rows: readonly StateRow[], startedAtMs: number): void {
    const states = new Map(rows.map((row) => [row.id, row]))
    for (const held of claims) this.#take(held, states.get(held.taskId), startedAtMs)
  }

  #take(held: Held, row: StateRow | undefined, startedAtMs: number): void {
    // A task that ended while the answer was under way is neither lost nor held.
    if (this.#held.get(held.taskId) !== held) return
    if (row?.claim_epoch !== held.epoch) this.#lose(held, 'taken')
    else if (row.status === 'cancelled') this.#lose(held, 'cancelled')
    // Answers of renewals that overlap may come in any order. Where the row has another state under our epoch, its end
    // has just been written here.
    else if (row.renewed && startedAtMs > held.leasedAtMs) {
      held.leasedAtMs = startedAtMs
      held.inVainSinceMs = undefined
      this.#renewed++
      this.#count(held, 'unreachable')
    }
  }

  #lose(held: Held, how: ClaimLoss): void {
    this.drop(held.taskId, held.epoch)
    if (how === 'cancelled') this.#log.info({ taskId: held.taskId }, 'a task in hand was cancelled')
    else {
      this.#lost++
      this.#log.warn({ taskId: held.taskId, how }, 'claim lost')
    }
    held.loss.abort(new ClaimLost(how))
  }
}
