import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WorkerProcesses } from '../../../src/main/processes/worker-processes.ts'
import { createLogger } from '../../../src/main/telemetry/logger.ts'

const STARTING = `
  process.on('SIGTERM', () => process.exit(0))
  process.on('message', ({ id }) => process.send({ id, answer: {} }))
  process.send({ started: true })`

/** More than any system hands to a process. */
const TOO_LARGE = 'x'.repeat(4_000_000)
const STOP_MS = 30_000

type Line = { readonly msg: string; readonly pid?: number; readonly process: number }

const [node, script] = process.argv
let folder: string
let lines: Line[]
let output: PassThrough

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unmade-processes-'))
  process.argv[1] = join(folder, 'starting.cjs')
  await writeFile(process.argv[1], STARTING)
})

afterAll(async () => {
  process.argv.splice(0, 2, node!, script!)
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => {
  lines = []
  output = new PassThrough()
  output.on('data', (line: Buffer) => lines.push(JSON.parse(line.toString()) as Line))
})

const processesWith = (...environments: Record<string, string>[]) =>
  new WorkerProcesses(environments, createLogger('info', output))

async function logged(msg: string, count: number): Promise<Line[]> {
  for (;;) {
    const found = lines.filter((line) => line.msg === msg)
    if (found.length >= count) return found
    await once(output, 'data')
  }
}

describe('hostile conditions: a process that cannot be made', () => {
  it('keeps the whole from starting, and those that have started can be stopped', async () => {
    const processes = processesWith({}, { SIZE: TOO_LARGE }, {})
    expect(await processes.start()).toEqual({ code: null, signal: null })
    expect(await logged('a worker process could not be made', 1)).toMatchObject([{ process: 2 }])
    expect(processes.counts.running).toBe(2)
    expect(await processes.readiness()).toEqual({ processes: false })
    expect((await processes.metrics()).map(({ number }) => number)).toEqual([1, 3])
    expect(await processes.stop('SIGTERM', STOP_MS)).toBe(0)
    expect(processes.counts.running).toBe(0)
  })

  it('is tried again until it can, and is not counted as one that ended', async () => {
    const environment: Record<string, string> = {}
    const processes = processesWith(environment)
    expect(await processes.start()).toBeNull()
    const [first] = await logged('worker process started', 1)
    environment.SIZE = TOO_LARGE
    process.kill(first!.pid!, 'SIGKILL')
    await logged('a worker process could not be made', 1)
    delete environment.SIZE
    const [, second] = await logged('worker process started', 2)
    expect(second!.pid).not.toBe(first!.pid)
    expect(await logged('a worker process ended by itself', 1)).toHaveLength(1)
    expect(processes.counts).toEqual({ running: 1, lost: 1 })
    expect(await processes.stop('SIGTERM', STOP_MS)).toBe(0)
  })
})
