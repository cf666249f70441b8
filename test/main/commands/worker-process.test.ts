import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logLine, runCommand, startCommand } from '../../setup/command-line.ts'

let folder: string
let worker: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-process-'))
})

afterEach(async () => {
  if (worker && worker.exitCode === null && worker.signalCode === null) {
    worker.kill('SIGTERM')
    await once(worker, 'close')
  }
  await rm(folder, { recursive: true, force: true })
})

async function startWorkerProcess(env: Record<string, string> = {}): Promise<ChildProcess> {
  worker = startCommand(['start'], { env, cwd: folder })
  await logLine(worker, 'worker started')
  return worker
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null]
  return code
}

describe('a worker process on embedded services', () => {
  it('completes tasks that are submitted beside it, and what it stored outlives it', async () => {
    const child = await startWorkerProcess()
    const submitted = await runCommand(
      ['submit', 'generation', '--logo', 'a fox', '--theme', 'autumn', '--palettes', '2', '--wait', '--json'],
      { cwd: folder },
    )
    expect(submitted).toMatchObject({ code: 0, stderr: '' })
    const task = JSON.parse(submitted.stdout) as { id: string; concept: { imageUrl: string } }
    const refined = await runCommand(
      ['submit', 'refinement', '--image', task.concept.imageUrl, '--prompt', 'make it blue', '--wait'],
      { cwd: folder },
    )
    expect(refined.code).toBe(0)
    expect(refined.stdout).toMatch(/^status +completed$/m)
    child.kill('SIGTERM')
    expect(await exitOf(child)).toBe(0)

    const shown = await runCommand(['task', task.id, '--json'], { cwd: folder })
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(shown.stdout)).toEqual(task)
    const text = await runCommand(['task', task.id], { cwd: folder })
    expect(text.stdout).toContain(task.concept.imageUrl)
  })

  it('stops on SIGINT as well, also at once after its start', async () => {
    const child = await startWorkerProcess()
    child.kill('SIGINT')
    expect(await exitOf(child)).toBe(0)
  })

  it('takes one Ctrl-C that reaches it twice for one', async () => {
    const child = await startWorkerProcess()
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await exitOf(child)).toBe(0)
  })

  it('takes its services with it when it is killed', async () => {
    const child = await startWorkerProcess()
    child.kill('SIGKILL')
    await exitOf(child)
    // The next worker finds the folder free, or what is left of the services, and works.
    await startWorkerProcess()
    const submitted = await runCommand(
      ['submit', 'generation', '--logo', 'x', '--theme', 'y', '--palettes', '1', '--wait'],
      { cwd: folder },
    )
    expect(submitted.code).toBe(0)
  })

  it('shares its services with a second worker on its folder, which goes on with them when it stops', async () => {
    const child = await startWorkerProcess()
    const second = startCommand(['start'], { cwd: folder })
    await logLine(second, 'worker started')
    child.kill('SIGTERM')
    expect(await exitOf(child)).toBe(0)
    const submitted = await runCommand(
      ['submit', 'generation', '--logo', 'x', '--theme', 'y', '--palettes', '1', '--wait'],
      { cwd: folder },
    )
    expect(submitted.code).toBe(0)
    second.kill('SIGTERM')
    expect(await exitOf(second)).toBe(0)
  })

  it.runIf(process.platform === 'linux')('gives libuv a thread for each image thread, untold', async () => {
    const child = await startWorkerProcess({ POOL_MAX_THREADS: '6' })
    // 6 image threads and at least 14 of libuv's, where its default is 4.
    expect((await readdir(`/proc/${child.pid}/task`)).length).toBeGreaterThanOrEqual(6 + 14)
  })
})
