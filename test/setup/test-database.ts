import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { TEMPLATE } from './postgres-cluster.ts'

/** A migrated database of the caller's own. It goes with the cluster at the end of the run. */
export async function createTestDatabase(): Promise<{ url: string }> {
  const clusterUrl = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const client = new Client({ connectionString: clusterUrl })
  await client.connect()
  await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`)
  await client.end()
  const url = new URL(clusterUrl)
  url.pathname = name
  return { url: url.href }
}
