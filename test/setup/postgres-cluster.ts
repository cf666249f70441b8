import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const postgres = await startPostgres({ dataDir, durable: false, database: TEMPLATE })
  const teardown = async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await migrate(postgres.url)
  } catch (error) {
    await teardown()
    throw error
  }
  // Postgres copies no database that somebody is connected to, so the tests begin at another one.
  const url = new URL(postgres.url)
  url.pathname = 'postgres'
  project.provide('postgresUrl', url.href)
  return teardown
}
