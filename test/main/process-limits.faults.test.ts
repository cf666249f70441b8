import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../setup/command-line.ts'

const UNAVAILABLE = 69
const WRONG = 78
const BIN = fileURLToPath(new URL('../../dist/main/launch.cjs', import.meta.url))
const LOGO = fileURLToPath(new URL('../fixtures/images/logo-bazel-icon.png', import.meta.url))

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-limits-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** So that no stand-in has to start before the worker does. */
const OWN_SERVICES = {
  DATABASE_URL: 'postgresql://user@127.0.0.1:1/db',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
  MODEL_ENDPOINT_URL: 'http://127.0.0.1:1',
  LOG_LEVEL: 'silent',
}

describe.runIf(process.platform !== 'win32')('a process that may open too few files', () => {
  it('says which limit to raise: exit code 78', async () => {
    const args = ['-c', 'ulimit -n 24; exec "$@"', 'sh', process.execPath, BIN, 'start']
    const env = { ...process.env, ...OWN_SERVICES }
    const message =
      'concept-worker: this process may not open as many files as it needs (EMFILE): raise its limit to 1024 at least ' +
      '(ulimit -n, LimitNOFILE=)\n'
    await expect(promisify(execFile)('sh', args, { cwd: folder, env })).rejects.toMatchObject({
      code: WRONG,
      stdout: '',
      stderr: message,
    })
  })
})

describe('a process that may have too few threads', () => {
  /** As Node fails where the system gives it no further thread. */
  const NO_THREADS = `
    import { syncBuiltinESMExports } from 'node:module'
    import threads from 'node:worker_threads'
    threads.Worker = class { constructor() { throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' }) } }
    syncBuiltinESMExports()`

  it.each([['start'], ['palette', LOGO]])('says so in %s: exit code 69', async (...args) => {
    const env = {
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(NO_THREADS)}`,
      ...OWN_SERVICES,
      STORAGE_URL: pathToFileURL(join(folder, 'images')).href,
    }
    expect(await runCommand(args, { env, cwd: folder })).toEqual({
      code: UNAVAILABLE,
      stdout: '',
      stderr:
        'concept-worker: a thread could not be made: more processes and threads may be needed than are allowed ' +
        '(ulimit -u, TasksMax=)\n',
    })
  })
})
