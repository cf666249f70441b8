import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/main/database/migrations.ts'
import { startPostgres } from '../../src/main/embedded/postgres/cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the cluster's own database; each test file makes one from the template. */
    postgresUrl: string
  }
}

export const TEMPLATE = 'template_migrated'

/** One throw-away cluster for the whole run, with a migrated database to copy from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'concept-worker-test-'))
  const postgres = await startPostgres({ dataDir, durable: false })
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`CREATE DATABASE ${TEMPLATE}`)
  await client.end()
  const templateUrl = new URL(postgres.url)
  templateUrl.pathname = TEMPLATE
  await migrate(templateUrl.href)
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
