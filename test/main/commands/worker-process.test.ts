import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { logLine, runCommand, startCommand } from '../../setup/command-line.ts'
import { preparedFolder } from '../../setup/prepared-folder.ts'

type Line = { readonly standIn: string; readonly address?: string }

async function startWorkerProcess(folder: string, env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = startCommand(['start'], { env, cwd: folder })
  await logLine(child, 'worker started')
  return child
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null]
  return code
}

async function stopWhereItRuns(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'close')
}

describe('a worker process on embedded services', () => {
  let folder: string
  let child: ChildProcess
  let task: { id: string; concept: { imageUrl: string } }

  beforeAll(async () => {
    folder = await preparedFolder('worker-process-')
    child = await startWorkerProcess(folder, { POOL_MAX_THREADS: '6' })
  })

  afterAll(async () => {
    await stopWhereItRuns(child)
    await rm(folder, { recursive: true, force: true })
  })

  it.runIf(process.platform === 'linux')('gives libuv a thread for each image thread, untold', async () => {
    // 6 image threads and at least 14 of libuv's, where its default is 4.
    expect((await readdir(`/proc/${child.pid}/task`)).length).toBeGreaterThanOrEqual(6 + 14)
  })

  it('completes tasks that are submitted beside it', async () => {
    const submitted = await runCommand(
      ['submit', 'generation', '--logo', 'a fox', '--theme', 'autumn', '--palettes', '2', '--wait', '--json'],
      { cwd: folder },
    )
    expect(submitted).toMatchObject({ code: 0, stderr: '' })
    task = JSON.parse(submitted.stdout) as typeof task
    const refined = await runCommand(
      ['submit', 'refinement', '--image', task.concept.imageUrl, '--prompt', 'make it blue', '--wait'],
      { cwd: folder },
    )
    expect(refined.code).toBe(0)
    expect(refined.stdout).toMatch(/^status +completed$/m)
  })

  it('takes one Ctrl-C that reaches it twice for one', async () => {
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await exitOf(child)).toBe(0)
  })

  it('is outlived by what it stored', async () => {
    const shown = await runCommand(['task', task.id, '--json'], { cwd: folder })
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(shown.stdout)).toEqual(task)
    const text = await runCommand(['task', task.id], { cwd: folder })
    expect(text.stdout).toContain(task.concept.imageUrl)
  })
})

describe('the services of a worker process', () => {
  let folder: string
  let first: ChildProcess
  let second: ChildProcess | undefined

  beforeEach(async () => {
    folder = await preparedFolder('worker-process-')
    first = await startWorkerProcess(folder)
  })

  afterEach(async () => {
    await Promise.all([stopWhereItRuns(first), stopWhereItRuns(second)])
    await rm(folder, { recursive: true, force: true })
  })

  const submit = () =>
    runCommand(['submit', 'generation', '--logo', 'x', '--theme', 'y', '--palettes', '1', '--wait'], {
      cwd: folder,
    })

  it('end with it when it is killed', async () => {
    first.kill('SIGKILL')
    await exitOf(first)
    // The next worker finds the folder free, or what is left of the services, and works.
    second = await startWorkerProcess(folder)
    expect((await submit()).code).toBe(0)
  })

  it('take messages that are published by hand at the address in the log', async () => {
    second = startCommand(['start'], { cwd: folder })
    let log = ''
    second.stdout!.setEncoding('utf8').on('data', (text: string) => (log += text))
    const quarantined = logLine(second, 'message quarantined')
    await logLine(second, 'worker started')
    const used = log.split('\n').filter((line) => line.includes('embedded stand-in in use'))
    expect(used.join()).not.toContain('postgresql:')
    const { address } = used
      .map((line) => JSON.parse(line) as Line)
      .find(({ standIn }) => standIn === 'pubsub')!
    first.kill('SIGTERM')
    await exitOf(first)
    const pubsub = createPubSub('concept-worker', address!)
    await pubsub.topic('concept-tasks').publishMessage({ data: Buffer.from('no JSON') })
    await pubsub.close()
    expect(await quarantined).toMatchObject({ reason: expect.stringContaining('expected JSON') as unknown })
  })

  it('are kept by a command that waits for a task, and serve the next worker', async () => {
    const deaf = { PUBSUB_TOPIC: 'other', PUBSUB_SUBSCRIPTION: 'other' }
    first.kill('SIGTERM')
    await exitOf(first)
    first = await startWorkerProcess(folder, deaf)
    const command = startCommand(
      ['submit', 'generation', '--logo', 'x', '--theme', 'y', '--palettes', '1', '--wait'],
      { cwd: folder },
    )
    // Its id: the message is published.
    await once(command.stdout!, 'data')
    first.kill('SIGTERM')
    expect(await exitOf(first)).toBe(0)
    second = await startWorkerProcess(folder)
    command.stdout!.resume()
    expect(await exitOf(command)).toBe(0)
  })

  it('are shared with a second worker on its folder, which goes on with them when the first stops', async () => {
    second = await startWorkerProcess(folder)
    first.kill('SIGTERM')
    expect(await exitOf(first)).toBe(0)
    expect((await submit()).code).toBe(0)
    second.kill('SIGTERM')
    expect(await exitOf(second)).toBe(0)
  })
})
