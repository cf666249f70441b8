import { randomUUID } from 'node:crypto'
import type { PubSub, Topic } from '@google-cloud/pubsub'
import type { Pool } from 'pg'
import type { TaskType } from '../../processors/task.ts'

/** Hands in tasks as the product's API does: the row first, then the message that names it. */
export class TaskPublisher {
  readonly #pool: Pool
  readonly #topic: Topic

  constructor(pool: Pool, pubsub: PubSub, topicName: string) {
    this.#pool = pool
    this.#topic = pubsub.topic(topicName)
  }

  /** Answers the new task's id. `fields` are the message's fields beside the ids and the type. */
  async submit(
    userId: string,
    taskType: TaskType,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const taskId = randomUUID()
    await this.#pool.query('INSERT INTO tasks (id, user_id, type, metadata) VALUES ($1, $2, $3, $4)', [
      taskId,
      userId,
      taskType,
      JSON.stringify(fields),
    ])
    try {
      await this.#topic.publishMessage({
        json: { task_id: taskId, user_id: userId, task_type: taskType, ...fields },
      })
    } catch (error) {
      // Whoever handed it in is told that it failed; workers would run it without its message, a minute later.
      await this.#pool.query(`UPDATE tasks SET status = 'cancelled' WHERE id = $1 AND status = 'pending'`, [
        taskId,
      ])
      throw error
    }
    return taskId
  }
}
