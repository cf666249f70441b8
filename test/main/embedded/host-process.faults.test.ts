import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommand, startCommand } from '../../setup/command-line.ts'
import { processesOn } from '../../setup/processes.ts'

const UNAVAILABLE = 69

/** For what takes as long as the machine is busy. */
const PATIENT = { timeout: 60_000, interval: 20 }

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'host-process-'))
})

afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** An environment in which each Node runs this before anything else. */
const first = (script: string) => ({
  DATA_DIR: dataDir,
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}`,
})

/** As Node does of itself where it gets too few threads to begin with: it waits for ever, and hears no signal. */
const HANGS = `
  if (process.argv[1]?.includes('host.')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`

describe.runIf(process.platform === 'linux')('the process of the stand-ins', () => {
  it('is named where it cannot be made: exit code 69', async () => {
    const { code, stderr } = await runCommand(['start'], { env: first(`process.execPath = '/nowhere'`) })
    expect(stderr).toMatch(
      /^concept-worker: the embedded services cannot start: no process can be made .*\n$/,
    )
    expect(code).toBe(UNAVAILABLE)
  })

  it('is given up where it does not begin, and ended', async () => {
    const { code, stderr } = await runCommand(['start'], { env: first(HANGS) })
    expect(stderr).toMatch(/^concept-worker: .* has not begun within 30 s: .*ulimit -u.*\n$/)
    expect(code).toBe(UNAVAILABLE)
    expect(await processesOn(dataDir)).toEqual([])
  })

  it('does not outlive a start that is stopped before it begins', async () => {
    const worker = startCommand(['start'], { env: first(HANGS) })
    await vi.waitUntil(async () => (await processesOn(dataDir)).length > 0, PATIENT)
    worker.kill('SIGTERM')
    await once(worker, 'close')
    await vi.waitFor(async () => expect(await processesOn(dataDir)).toEqual([]), PATIENT)
  })
})
