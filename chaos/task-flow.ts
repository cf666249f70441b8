import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { PubSub } from '@google-cloud/pubsub'
import type { Pool } from 'pg'
import type { PlannedTask } from './planned-tasks.ts'

export type HandedIn = { readonly taskId: string; readonly plan: PlannedTask }

const RETRY_MS = 200
const FORBIDDEN_URL = 'http://169.254.169.254/latest/meta-data/logo.png'
const TOPIC = 'concept-tasks'

/** Hands tasks in as the product's API does, evenly over a time: the row, then the message, each until it is taken. */
export class TaskFlow {
  readonly handedIn: HandedIn[] = []
  /** Messages that no worker can read. */
  garbage = 0
  readonly #pool: Pool
  readonly #pubsub: PubSub

  constructor(pool: Pool, pubsub: PubSub) {
    this.#pool = pool
    this.#pubsub = pubsub
  }

  async run(plans: readonly PlannedTask[], durationMs: number): Promise<void> {
    const startMs = performance.now()
    const handing: Promise<unknown>[] = []
    for (const [i, plan] of plans.entries()) {
      const dueMs = startMs + (durationMs * i) / plans.length
      await delay(Math.max(0, dueMs - performance.now()))
      handing.push(this.#handIn(plan))
      if (plan.expected === 'failed') {
        this.garbage++
        handing.push(this.#publish('{"task_id":'))
      }
    }
    await Promise.all(handing)
  }

  async #handIn(plan: PlannedTask): Promise<void> {
    const taskId = randomUUID()
    const fields = { ...plan.fields, ...(await this.#original(plan)) }
    await untilDone(() =>
      this.#pool.query(
        `INSERT INTO tasks (id, user_id, type, metadata) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
        [taskId, plan.userId, plan.type, JSON.stringify(fields)],
      ),
    )
    this.handedIn.push({ taskId, plan })
    const message = JSON.stringify({ task_id: taskId, user_id: plan.userId, task_type: plan.type, ...fields })
    await this.#publish(message)
    if (plan.isPublishedTwice) await this.#publish(message)
  }

  async #original({ original }: PlannedTask): Promise<Record<string, string>> {
    if (original === 'none') return {}
    if (original === 'forbidden') return { original_image_url: FORBIDDEN_URL }
    const { rows } = await untilDone(async () => {
      const answer = await this.#pool.query<{ image_url: string }>(
        'SELECT image_url FROM concepts ORDER BY created_at DESC LIMIT 1',
      )
      if (answer.rows.length === 0) throw new Error('there is no concept yet')
      return answer
    })
    return { original_image_url: rows[0]?.image_url ?? '' }
  }

  #publish(text: string): Promise<unknown> {
    return untilDone(() => this.#pubsub.topic(TOPIC).publishMessage({ data: Buffer.from(text) }))
  }
}

/** A service that is away comes back: that is what this run is about. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch {
      await delay(RETRY_MS)
    }
  }
}
