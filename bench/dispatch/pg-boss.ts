import { Pool } from 'pg'
import { PgBoss } from 'pg-boss'
import { FIELDS, type Subject } from './subject.ts'

const QUEUE = 'nothing'
const JOBS_A_STATEMENT = 1_000

/** pg-boss, in batches of 100, the next one fetched at once where a batch was full. */
export class PgBossSubject implements Subject {
  readonly #boss: PgBoss
  readonly #pool: Pool

  constructor(databaseUrl: string) {
    this.#boss = new PgBoss({ connectionString: databaseUrl })
    this.#boss.on('error', (error: Error) => {
      throw error
    })
    this.#pool = new Pool({ connectionString: databaseUrl, max: 1 })
  }

  async prepare(tasks: number): Promise<void> {
    await this.#boss.start()
    await this.#boss.createQueue(QUEUE)
    for (let added = 0; added < tasks; added += JOBS_A_STATEMENT) {
      const count = Math.min(JOBS_A_STATEMENT, tasks - added)
      await this.#boss.insert(
        QUEUE,
        Array.from({ length: count }, () => ({ data: FIELDS })),
      )
    }
  }

  async start(onDone: () => void): Promise<void> {
    const settings = { batchSize: 100, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }
    await this.#boss.work(QUEUE, settings, async (jobs) => {
      for (let i = 0; i < jobs.length; i++) onDone()
    })
  }

  async unfinished(): Promise<number> {
    const { rows } = await this.#pool.query<{ count: string }>(
      `SELECT count(*) FROM pgboss.job WHERE name = $1 AND state < 'completed'`,
      [QUEUE],
    )
    return Number(rows[0]?.count)
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false })
    await this.#pool.end()
  }
}
