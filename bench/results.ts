import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'

const RESULTS = new URL('results/', import.meta.url)

/** Keeps what a benchmark found, and on what machine, in `bench/results/NAME.json`. */
export async function keepResult(name: string, result: object): Promise<void> {
  const machine = { cores: availableParallelism(), processor: cpus()[0]?.model ?? 'unknown' }
  const file = fileURLToPath(new URL(`${name}.json`, RESULTS))
  await mkdir(RESULTS, { recursive: true })
  const json = JSON.stringify({ machine, node: process.version, ...result }, null, 2)
  await writeFile(file, await format(json, { parser: 'json' }))
}
