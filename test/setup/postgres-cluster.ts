import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/main/database/migrations.ts'
import { startPostgres, type RunningPostgres } from '../../src/main/embedded/postgres/cluster.ts'
import { copyFolder } from './prepared-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the cluster's own database; each test file makes one from the template. */
    postgresUrl: string
    /** The data folder of an embedded Postgres that does not run, as a worker leaves it after its first start. */
    preparedCluster: string
  }
}

export const TEMPLATE = 'template_migrated'

/** One throw-away cluster for the whole run, with a migrated database to copy from; and the same to be copied. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'concept-worker-test-'))
  const [prepared, dataDir] = [join(folder, 'prepared'), join(folder, 'postgres')]
  let postgres: RunningPostgres | undefined
  const teardown = async () => {
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    postgres = await startPostgres({ dataDir: prepared, durable: false })
    await migrate(postgres.url)
    await postgres.stop()
    await copyFolder(prepared, dataDir)
    postgres = await startPostgres({ dataDir, durable: false })
    // Postgres copies no database that somebody is connected to, so the tests begin at another one.
    const url = new URL(postgres.url)
    const name = url.pathname.slice(1)
    url.pathname = 'postgres'
    await makeTemplate(url.href, name)
    project.provide('postgresUrl', url.href)
    project.provide('preparedCluster', prepared)
  } catch (error) {
    await teardown()
    throw error
  }
  return teardown
}

async function makeTemplate(url: string, migrated: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`ALTER DATABASE ${migrated} RENAME TO ${TEMPLATE}`)
  } finally {
    await client.end()
  }
}
