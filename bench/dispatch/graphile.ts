import { Logger, makeWorkerUtils, run, type Runner } from 'graphile-worker'
import { Pool } from 'pg'
import { FIELDS, type Subject } from './subject.ts'

/** What its own performance notes are measured with. */
const CONCURRENCY = 24
/** Its documentation's way to the most jobs per second. */
const BEST = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
const JOBS_A_STATEMENT = 1_000

const SILENT = new Logger(() => () => undefined)

/** graphile-worker: a queue in Postgres alone. */
export class GraphileSubject implements Subject {
  readonly #url: string
  readonly #settings: Partial<typeof BEST>
  readonly #pool: Pool
  #runner: Runner | undefined

  constructor(databaseUrl: string, settings: 'defaults' | 'best') {
    this.#url = databaseUrl
    this.#settings = settings === 'best' ? BEST : {}
    this.#pool = new Pool({ connectionString: databaseUrl, max: 1 })
  }

  async prepare(tasks: number): Promise<void> {
    const utils = await makeWorkerUtils({ connectionString: this.#url, logger: SILENT })
    await utils.migrate()
    for (let added = 0; added < tasks; added += JOBS_A_STATEMENT) {
      const count = Math.min(JOBS_A_STATEMENT, tasks - added)
      await utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'nothing', payload: FIELDS })))
    }
    await utils.release()
  }

  async start(onDone: () => void): Promise<void> {
    this.#runner = await run({
      connectionString: this.#url,
      taskList: { nothing: async () => onDone() },
      concurrency: CONCURRENCY,
      noHandleSignals: true,
      preset: { worker: { logger: SILENT, ...this.#settings } },
    })
  }

  async unfinished(): Promise<number> {
    const { rows } = await this.#pool.query<{ count: string }>('SELECT count(*) FROM graphile_worker.jobs')
    return Number(rows[0]?.count)
  }

  async stop(): Promise<void> {
    await this.#runner?.stop()
    await this.#pool.end()
  }
}
