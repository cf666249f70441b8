import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, escapeIdentifier } from 'pg'
import { startStandIns } from '../src/main/embedded/start-stand-ins.ts'

export type BenchServices = {
  /** For files of the run; it goes with the services. */
  readonly folder: string
  readonly pubsubHost: string
  /** Makes an empty database on the one Postgres, and drops it after the work. */
  readonly withDatabase: <T>(name: string, work: (databaseUrl: string) => Promise<T>) => Promise<T>
}

/**
 * Runs some work with the embedded Postgres, with fsync on, and the embedded Pub/Sub server, which writes a message
 * down before it answers; both outside this process, on an empty folder.
 */
export async function withServices<T>(work: (services: BenchServices) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'concept-worker-bench-'))
  try {
    const standIns = await startStandIns(['postgres', 'pubsub'], folder)
    try {
      const { postgres = '', pubsub = '' } = standIns.addresses
      return await work({
        folder,
        pubsubHost: pubsub,
        withDatabase: async (name, use) => {
          await administer(postgres, `CREATE DATABASE ${escapeIdentifier(name)}`)
          try {
            const url = new URL(postgres)
            url.pathname = name
            return await use(url.href)
          } finally {
            await administer(postgres, `DROP DATABASE ${escapeIdentifier(name)} WITH (FORCE)`)
          }
        },
      })
    } finally {
      await standIns.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
