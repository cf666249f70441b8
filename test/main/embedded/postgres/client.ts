import { Client } from 'pg'

/** The rows that one statement on a connection of its own answers. */
export async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<Row>(sql)
    return rows
  } finally {
    await client.end()
  }
}
