import type { Pool, QueryConfig } from 'pg'
import { taskFolder } from '../../processors/object-paths.ts'
import type { FolderLedger, ImageStore } from '../../processors/services.ts'
import type { ClaimedTask } from '../../processors/task.ts'
import { databaseFailure } from '../database/failure.ts'
import { insist } from '../database/insistence.ts'
import { inTransaction, type BoundedQuery } from '../database/pool.ts'
import { BUSY, StatementBatch } from '../database/statement-batch.ts'

const REOPEN_TIMEOUT_MS = 2_000
/** For a listing and the removals after it, each bounded by the store, at the longest time-out that it may be given. */
const MAX_TIDYING_MS = 1_800_000

/** What became of the folder that was the first on the list. */
export type Tidied =
  | { readonly kind: 'tidied' }
  /** There was none. */
  | { readonly kind: 'none' }
  /** The store's error. */
  | { readonly kind: 'failed'; readonly error: unknown }

type Closing = { readonly task: ClaimedTask; readonly entry: string }
type EntryRow = { openings: string }
type DueRow = { task_id: string; folder: string; kept: string[] }

/** The rows of `task_folders`: whose folder in the image store is still to be tidied up. */
export class TaskFolders implements FolderLedger {
  readonly #pool: Pool
  readonly #patienceMs: number
  readonly #openings: StatementBatch<ClaimedTask, string>
  readonly #closings: StatementBatch<Closing, true>

  /** Where Postgres is away, an opening is asked for again for up to `patienceMs`: an attempt begins with it. */
  constructor(pool: Pool, patienceMs: number) {
    this.#pool = pool
    this.#patienceMs = patienceMs
    this.#openings = new StatementBatch<ClaimedTask, string>({
      keyOf: (task) => task.id,
      sendMany: (tasks) => this.#openNew(tasks),
      sendOne: (task) => this.#open(openingOf(task)),
    })
    this.#closings = new StatementBatch<Closing, true>({
      keyOf: ({ task }) => task.id,
      sendMany: (closings) => this.#closeAll(closings),
      sendOne: async (closing) => (await this.#closeAll([closing]))[0] ?? true,
    })
  }

  /** Entries that are asked for together are made by one statement. */
  async open(task: ClaimedTask): Promise<string> {
    try {
      return await insist(this.#patienceMs, () => this.#openings.run(task))
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async reopen(task: ClaimedTask): Promise<void> {
    // A claim is often lost because the database hangs, and nobody may be kept waiting by that.
    const query: BoundedQuery = { ...openingOf(task), query_timeout: REOPEN_TIMEOUT_MS }
    try {
      await this.#open(query)
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async close(task: ClaimedTask, entry: string): Promise<void> {
    try {
      await this.#closings.run({ task, entry })
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  async #open(query: QueryConfig): Promise<string> {
    const { rows } = await this.#pool.query<EntryRow>(query)
    return rows[0]!.openings
  }

  /** Makes the entries that are not there, which waits for nobody's lock; those that are there are raised one by one. */
  async #openNew(tasks: readonly ClaimedTask[]): Promise<(string | typeof BUSY)[]> {
    const { rows } = await this.#pool.query<EntryRow & { task_id: string }>({
      name: 'open-task-folders',
      text: `INSERT INTO task_folders (task_id, folder) SELECT * FROM unnest($1::uuid[], $2::text[])
             ON CONFLICT (task_id) DO NOTHING RETURNING task_id, openings`,
      values: [tasks.map(({ id }) => id), tasks.map(({ userId, id }) => taskFolder(userId, id))],
    })
    const made = new Map(rows.map(({ task_id: id, openings }) => [id, openings]))
    return tasks.map(({ id }) => made.get(id) ?? BUSY)
  }

  /** An entry that somebody has locked is being tidied up, and goes with that. */
  async #closeAll(closings: readonly Closing[]): Promise<true[]> {
    await this.#pool.query({
      name: 'close-task-folders',
      text: `WITH closed AS (
               SELECT entry.task_id FROM unnest($1::uuid[], $2::bigint[]) AS asked (task_id, openings)
               JOIN task_folders entry ON entry.task_id = asked.task_id AND entry.openings = asked.openings
               FOR UPDATE OF entry SKIP LOCKED)
             DELETE FROM task_folders USING closed WHERE task_folders.task_id = closed.task_id`,
      values: [closings.map(({ task }) => task.id), closings.map(({ entry }) => entry)],
    })
    return closings.map(() => true)
  }

  /**
   * Tidies up one folder of a task that ended at least `graceMs` ago, however it ended: what its concept names stays,
   * everything else and its checkpoints go. Where the store fails the folder is put at the end of the list, so that one that
   * cannot be tidied up keeps no other waiting. Throws Postgres' errors.
   *
   * Both rows are locked until everything is removed. So no two workers are at one folder, an entry that is opened
   * again meanwhile is made anew, and a failed task that somebody sets to pending is not claimed before that: a new
   * attempt would lose its objects.
   */
  async tidyOne(store: Pick<ImageStore, 'keepOnly'>, graceMs: number): Promise<Tidied> {
    return inTransaction<Tidied>(this.#pool, async (client) => {
      const { rows } = await client.query<DueRow>({
        name: 'due-task-folder',
        text: `SELECT f.task_id, f.folder, ARRAY(
                 SELECT image_path FROM concepts WHERE task_id = f.task_id
                 UNION ALL
                 SELECT v.image_path FROM color_variations v JOIN concepts c ON c.id = v.concept_id
                 WHERE c.task_id = f.task_id) AS kept
               FROM task_folders f JOIN tasks t ON t.id = f.task_id
               WHERE t.status IN ('completed', 'failed', 'cancelled')
                 AND greatest(f.noted_at, t.updated_at) < now() - $1 * interval '1 millisecond'
               ORDER BY f.noted_at LIMIT 1
               FOR UPDATE OF f SKIP LOCKED FOR SHARE OF t SKIP LOCKED`,
        values: [graceMs],
      })
      const due = rows[0]
      if (!due) return { kind: 'none' }
      // Postgres hears nothing meanwhile, and would end the transaction long before a slow store has answered.
      await client.query(`SET LOCAL idle_in_transaction_session_timeout = ${MAX_TIDYING_MS}`)
      try {
        await store.keepOnly(due.folder, due.kept)
      } catch (error) {
        await client.query('UPDATE task_folders SET noted_at = now() WHERE task_id = $1', [due.task_id])
        return { kind: 'failed', error }
      }
      await client.query({
        name: 'drop-task-leftovers',
        text: `WITH dropped AS (DELETE FROM task_checkpoints WHERE task_id = $1)
               DELETE FROM task_folders WHERE task_id = $1`,
        values: [due.task_id],
      })
      return { kind: 'tidied' }
    })
  }
}

/** Names no epoch: a worker that lost its claim must be heard too. */
function openingOf(task: ClaimedTask): QueryConfig {
  return {
    name: 'open-task-folder',
    text: `INSERT INTO task_folders AS entry (task_id, folder) VALUES ($1, $2)
           ON CONFLICT (task_id) DO UPDATE SET openings = entry.openings + 1, noted_at = now()
           RETURNING openings`,
    values: [task.id, taskFolder(task.userId, task.id)],
  }
}
