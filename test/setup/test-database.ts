import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { TEMPLATE } from './postgres-cluster.ts'

/** A migrated database of the caller's own. It goes with the cluster at the end of the run. */
export async function createTestDatabase(): Promise<{ url: string }> {
  const url = new URL(inject('postgresUrl'))
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const client = new Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`)
  } finally {
    await client.end()
  }
  url.pathname = name
  return { url: url.href }
}
