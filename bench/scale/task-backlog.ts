import { randomUUID } from 'node:crypto'
import type { PubSub } from '@google-cloud/pubsub'
import type { Pool } from 'pg'
import { GENERATION } from '../../src/processors/task.ts'

const USER = 'bench'
const FIELDS = {
  logo_description: 'a fox head with pointed ears',
  theme_description: 'autumn forest in the evening',
  num_palettes: 7,
}
const AT_ONCE = 500

/** Generation tasks that wait for a worker, handed in as the product does: rows, then messages. */
export class TaskBacklog {
  readonly #pool: Pool
  readonly #pubsub: PubSub
  readonly #topic: string

  constructor(pool: Pool, pubsub: PubSub, topic: string) {
    this.#pool = pool
    this.#pubsub = pubsub
    this.#topic = topic
  }

  async add(count: number): Promise<void> {
    const topic = this.#pubsub.topic(this.#topic, { batching: { maxMessages: AT_ONCE } })
    for (let left = count; left > 0; left -= AT_ONCE) {
      const ids = Array.from({ length: Math.min(left, AT_ONCE) }, () => randomUUID())
      await this.#pool.query(
        'INSERT INTO tasks (id, user_id, type, metadata) SELECT id, $2, $3, $4 FROM unnest($1::uuid[]) AS id',
        [ids, USER, GENERATION, JSON.stringify(FIELDS)],
      )
      await Promise.all(
        ids.map((id) =>
          topic.publishMessage({ json: { task_id: id, user_id: USER, task_type: GENERATION, ...FIELDS } }),
        ),
      )
    }
  }

  async counts(): Promise<{ waiting: number; completed: number; failed: number }> {
    const { rows } = await this.#pool.query<{ status: string; count: number }>(
      'SELECT status, count(*)::int AS count FROM tasks GROUP BY status',
    )
    const of = (status: string) => rows.find((row) => row.status === status)?.count ?? 0
    return { waiting: of('pending'), completed: of('completed'), failed: of('failed') }
  }
}
