type Value = string | number | boolean | null | undefined

/** A column of rows that go into a statement: its type in SQL, and its value in a row; null and undefined are NULL. */
export type Column<Row> = readonly [type: string, valueOf: (row: Row) => Value]

/**
 * Rows as parameters of a statement, one JSON array a column. Postgres unpacks these at a sixth of the price of an array
 * of objects, and they need not repeat their names for every row.
 */
export class Columns<Row> {
  readonly #columns: readonly (readonly [name: string, ...Column<Row>])[]

  /**
   * `columns` has their names in SQL as keys. A value of type `json` or `jsonb` is given as JSON text, and null there is
   * JSON's null.
   */
  constructor(columns: Readonly<Record<string, Column<Row>>>) {
    this.#columns = Object.entries(columns).map(([name, column]) => [name, ...column])
  }

  /** How many parameters the rows take. */
  get count(): number {
    return this.#columns.length
  }

  /** A SELECT of the rows, with their place in it from 1, from the parameters that begin with the one of that number. */
  select(firstParameter: number): string {
    const names = this.#columns.map(([name]) => `"${name}"`)
    const values = this.#columns.map(([name, type]) => `"${name}"::${type}`)
    const arrays = this.#columns.map(([, type], i) => `${unpackingOf(type)}($${firstParameter + i}::json)`)
    return `SELECT ${values.join(', ')}, place FROM ROWS FROM (${arrays.join(', ')})
      WITH ORDINALITY AS given (${names.join(', ')}, place)`
  }

  /** The parameters. */
  values(rows: readonly Row[]): string[] {
    return this.#columns.map(([, type, valueOf]) => {
      const values = rows.map(valueOf)
      return isJson(type) ? `[${values.map((json) => json ?? 'null').join()}]` : JSON.stringify(values)
    })
  }
}

function unpackingOf(type: string): string {
  return isJson(type) ? 'json_array_elements' : 'json_array_elements_text'
}

function isJson(type: string): boolean {
  return type === 'json' || type === 'jsonb'
}
