import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { logLine, runCommand, startCommand } from '../../setup/command-line.ts'
import { preparedFolder } from '../../setup/prepared-folder.ts'
import { processesOn, type FoundProcess } from '../../setup/processes.ts'

/** For what takes as long as the machine is busy. */
const PATIENT = { timeout: 50_000, interval: 10 }

const HOST = /embedded\/host\.js/
const POSTGRES = /^\S*\/bin\/postgres /

let folder: string
let worker: ChildProcess

/** In a folder that is new, or one in which a worker ran before. */
async function start(makeFolder: () => Promise<string>): Promise<void> {
  folder = await makeFolder()
  worker = startCommand(['start'], { cwd: folder, ownGroup: true })
}

const newFolder = () => mkdtemp(join(tmpdir(), 'killed-'))
const usedFolder = () => preparedFolder('killed-')

afterEach(async () => {
  if (worker.exitCode === null && worker.signalCode === null) worker.kill('SIGKILL')
  await vi.waitUntil(async () => (await running()).length === 0, PATIENT)
  await rm(folder, { recursive: true, force: true })
})

const running = () => processesOn(folder)

async function find(what: RegExp): Promise<FoundProcess | undefined> {
  return (await running()).find(({ commandLine }) => what.test(commandLine))
}

/** A start takes about a second; these are points on its way. */
const POINTS = {
  'its services have a process': async () => (await find(HOST)) !== undefined,
  'the database is being made': async () => (await find(/^\S*\/bin\/initdb /)) !== undefined,
  'the Postgres server is starting': async () => (await find(POSTGRES)) !== undefined,
  'the Postgres server runs': async () => {
    const data = join(folder, '.concept-worker', 'postgres', 'cluster', 'data')
    return access(join(data, 'postmaster.pid')).then(
      () => true,
      () => false,
    )
  },
} satisfies Record<string, () => Promise<boolean>>

describe.runIf(process.platform === 'linux')('a worker on embedded services', { timeout: 180_000 }, () => {
  it.each(Object.entries(POINTS))(
    'leaves nothing running when it is killed as %s',
    async (_name, isReached) => {
      await start(newFolder)
      await expect.poll(isReached, PATIENT).toBe(true)
      worker.kill('SIGKILL')
      await expect.poll(running, PATIENT).toEqual([])
    },
  )

  it('leaves nothing running when it is killed together with the process of its services', async () => {
    await start(usedFolder)
    await logLine(worker, 'worker started')
    process.kill((await find(HOST))!.pid, 'SIGKILL')
    worker.kill('SIGKILL')
    await expect.poll(running, PATIENT).toEqual([])
  })

  it.each([
    ['the process of its services', HOST],
    ['the Postgres server', POSTGRES],
  ])('says so and ends with an error when %s is killed; the next one works', async (_name, what) => {
    await start(usedFolder)
    await logLine(worker, 'worker started')
    const reason = logLine(worker, 'the embedded stand-ins ended by themselves')
    const closed = once(worker, 'close')
    process.kill((await find(what))!.pid, 'SIGKILL')
    expect(await reason).toMatchObject({ level: 60, reason: expect.stringMatching(/ended$/) })
    expect((await closed)[0]).toBe(69)
    await expect.poll(running, PATIENT).toEqual([])
    expect(await runCommand(['migrate'], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: 'nothing to do\n',
    })
  })

  it('ends with the same error when the Postgres server is killed before it has begun to work', async () => {
    await start(usedFolder)
    await logLine(worker, 'images are stored here')
    const closed = once(worker, 'close')
    process.kill((await find(POSTGRES))!.pid, 'SIGKILL')
    expect((await closed)[0]).toBe(69)
    await expect.poll(running, PATIENT).toEqual([])
  })

  it.each(['SIGINT', 'SIGHUP', 'SIGTERM'] as const)(
    'drains and leaves nothing running when its whole process group gets %s',
    async (signal) => {
      await start(usedFolder)
      await logLine(worker, 'worker started')
      const closed = once(worker, 'close')
      process.kill(-worker.pid!, signal)
      expect((await closed)[0]).toBe(0)
      await expect.poll(running, PATIENT).toEqual([])
    },
  )
})
