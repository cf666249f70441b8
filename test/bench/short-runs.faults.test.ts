import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const BENCH = fileURLToPath(new URL('bench/index.ts', ROOT))
const run = promisify(execFile)

let results: string

beforeEach(async () => {
  results = await mkdtemp(join(tmpdir(), 'concept-worker-results-'))
})

afterEach(() => rm(results, { recursive: true, force: true }))

/** Standard output holds the one object and nothing else, or this throws. */
async function bench(args: readonly string[], cwd = fileURLToPath(ROOT)): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', BENCH, ...args, '--json'], { cwd })
  return JSON.parse(stdout)
}

const benchTo = (folder: string, ...args: string[]) => bench([...args, '--results', folder])

const DISPATCH = ['--in-flight', '100', '--rounds', '1', '--lone-tasks', '2']

describe('a benchmark with few tasks', () => {
  test('dispatch prints one object with a figure for each queue, and writes it down with its chart', async () => {
    const positive = expect.toSatisfy((value: number) => value > 0)
    const figures = await benchTo(results, 'dispatch', ...DISPATCH, '--tasks', '200')
    expect(figures).toMatchObject({
      tasks: 200,
      tasksPerSecond: {
        ours: positive,
        graphileDefaults: positive,
        graphileBest: positive,
        pgBossBatch100: positive,
      },
      loneTaskAddedMs: positive,
    })
    expect((await readdir(results)).toSorted()).toEqual(['dispatch.json', 'dispatch.png', 'dispatch.svg'])
  })

  test('pipeline prints one object with figures for each latency, and writes it down with its chart', async () => {
    const share = expect.toSatisfy((value: number) => value > 0 && value <= 1)
    const options = ['--tasks', '40', '--in-flight', '4', '--latency-ms', '50,100', '--side', '64']
    expect(await benchTo(results, 'pipeline', ...options)).toMatchObject({
      poolBusy: share,
      latencies: { '50': { latencyMs: 50, poolBusy: share }, '100': { latencyMs: 100, poolBusy: share } },
    })
    expect((await readdir(results)).toSorted()).toEqual(['pipeline.json', 'pipeline.png', 'pipeline.svg'])
  })

  test('leaves its figures where git does not look, unless it is told where to keep them', async () => {
    // What the benchmark's own processes load is found from the folder in which it is run.
    await symlink(fileURLToPath(new URL('node_modules', ROOT)), join(results, 'node_modules'), 'junction')
    await bench(['dispatch', ...DISPATCH, '--tasks', '200'], results)
    expect((await readdir(join(results, 'out', 'bench'))).toSorted()).toEqual([
      'dispatch.json',
      'dispatch.png',
      'dispatch.svg',
    ])
  })

  test.each([
    ['pipeline', ['--tasks', '16', '--in-flight', '16'], '--tasks 16: expected at least 35'],
    ['dispatch', [...DISPATCH, '--tasks', '199'], '--tasks 199: expected at least 200'],
  ])('%s refuses fewer than it takes for a figure, and says how many', async (name, options, reason) => {
    await expect(benchTo(results, name, ...options)).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining(reason),
    })
    expect(await readdir(results)).toEqual([])
  })
})
