import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Columns } from '../../../src/main/database/columns.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

type Row = {
  readonly text: string | null
  readonly count: number | undefined
  readonly flag: boolean
  readonly big: string
  /** JSON text. */
  readonly kept: string | null
  readonly value: string
}

const COLUMNS = new Columns<Row>({
  text: ['text', ({ text }) => text],
  count: ['float8', ({ count }) => count],
  flag: ['bool', ({ flag }) => flag],
  big: ['bigint', ({ big }) => big],
  // A name that SQL itself uses.
  order: ['json', ({ kept }) => kept],
  value: ['jsonb', ({ value }) => value],
})

let pool: Pool
beforeAll(async () => {
  pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
})
afterAll(() => pool.end())

const unpacked = async (rows: readonly Row[]) =>
  (
    await pool.query<Record<string, unknown>>(
      `SELECT text, count, flag, big, "order"::text AS kept, value, place FROM (${COLUMNS.select(2)}) AS given
       WHERE $1 ORDER BY place`,
      [true, ...COLUMNS.values(rows)],
    )
  ).rows

it('rows come out of a statement as they went in, in their order', async () => {
  const texts = ['', 'null', '{"a"}', `it's "quoted", \\ and\nbroken`, 'ü 🦊', null]
  const rows = texts.map((text, i) => ({
    text,
    count: i === 0 ? undefined : i / 3,
    flag: i % 2 === 0,
    big: '9007199254740993',
    kept: '{"a":[1,null,"\\u0000 \\ud800"]}',
    value: JSON.stringify([text, { nested: [] }]),
  }))
  expect(await unpacked(rows)).toEqual(
    rows.map(({ count, value, ...row }, i) => ({
      ...row,
      count: count ?? null,
      value: JSON.parse(value) as unknown,
      place: String(i + 1),
    })),
  )
})

it("null is JSON's null in a JSON column", async () => {
  const row = { text: null, count: 0, flag: false, big: '0', kept: null, value: '1' }
  expect(await unpacked([row])).toMatchObject([{ kept: 'null' }])
})

it('no rows are none', async () => {
  expect(await unpacked([])).toEqual([])
})
