import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_USER } from '../../../src/main/demo/demo-tasks.ts'
import { formatDuration } from '../../../src/main/report/duration.ts'
import { userFolder } from '../../../src/processors/object-paths.ts'
import { runCommand, startCommand, type Finished } from '../../setup/command-line.ts'
import { processesOn } from '../../setup/processes.ts'

type Summary = {
  tasks: { completed: number; failed: number }
  concepts: number
  variations: number
  stages: Record<string, { count: number; p50Ms: number; p95Ms: number; waitP50Ms: number }>
  tasksMs: number
  wallMs: number
  contactSheet: string
  report: string
}

let folder: string
let demo: Finished
/** What an earlier demo left. */
let earlier: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'))
  earlier = join(folder, 'out', 'images', userFolder(DEMO_USER), 'tasks', 'earlier')
  await mkdir(earlier, { recursive: true })
  demo = await runCommand(['demo', '--json'], { cwd: folder })
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

const summary = () => JSON.parse(demo.stdout) as Summary

describe('the demo', () => {
  it('completes every task and exits with 0', () => {
    expect(demo.code).toBe(0)
    expect(summary()).toMatchObject({
      tasks: { completed: 8, failed: 0 },
      concepts: 8,
      variations: 48,
      stages: {
        generate_image: { count: 6 },
        refine_image: { count: 2 },
        create_variations: { count: 8 },
        'create_variations.recolour': { count: 48 },
        store_concept: { count: 8 },
      },
    })
  })

  it('prints one JSON object and nothing else; progress goes to standard error', () => {
    expect(demo.stdout.trim().split('\n')).toHaveLength(1)
    expect(demo.stderr).toContain('8 of 8')
  })

  it('leaves a contact sheet', async () => {
    const { format, width } = await sharp(await readFile(summary().contactSheet)).metadata()
    expect(format).toBe('png')
    expect(width).toBeGreaterThan(1_000)
  })

  it('gives the times of its tasks and of everything in the report as it prints them', async () => {
    const { tasksMs, wallMs, report } = summary()
    const html = await readFile(report, 'utf8')
    expect(html).toContain(`<dt>8 tasks in</dt><dd>${formatDuration(tasksMs)}</dd>`)
    expect(html).toContain(`<dt>with services and pages</dt><dd>${formatDuration(wallMs)}</dd>`)
  })

  it('leaves the images of its own tasks alone', async () => {
    const tasks = await readdir(dirname(earlier))
    expect(tasks).toHaveLength(8)
    expect(tasks).not.toContain('earlier')
  })

  it('leaves a report that needs nothing beside it', async () => {
    const html = await readFile(summary().report, 'utf8')
    expect(html.match(/<img /g)!.length).toBeGreaterThanOrEqual(56)
    expect(html).not.toMatch(/(src|href)="(https?:|file:|\/)/)
  })
})

/** Resolves once the stream has brought a line like that. */
async function lineOf(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  for await (const line of createInterface(stream)) if (pattern.test(line)) return
  throw new Error(`the process ended without a line like ${pattern}`)
}

describe('a demo that cannot go on', { timeout: 120_000 }, () => {
  let place: string
  let out: string
  let temporary: string

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'demo-'))
    out = join(place, 'out')
    temporary = join(place, 'tmp')
    await mkdir(temporary)
  })

  afterEach(() => rm(place, { recursive: true, force: true }))

  const runDemo = () => runCommand(['demo', '--out', out], { env: { TMPDIR: temporary } })

  it('says so before it starts anything where it cannot leave its files', async () => {
    await writeFile(out, '')
    const { code, stdout, stderr } = await runDemo()
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' })
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(`^concept-worker: cannot write to ${out}: `),
    ])
    expect(await readdir(temporary)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('says so where the disk is full, and leaves nothing', async () => {
    await mkdir(out)
    await symlink('/dev/full', join(out, 'worker.log'))
    const { code, stderr } = await runDemo()
    expect(code).toBe(65)
    expect(stderr.trim().split('\n')).toEqual([
      `concept-worker: cannot write to ${out}: ENOSPC: no space left on device, write`,
    ])
    expect(await readdir(temporary)).toEqual([])
    expect(await processesOn(temporary)).toEqual([])
  })

  it.runIf(process.platform === 'linux')(
    'says so where a service that it started dies, and leaves nothing',
    async () => {
      const demo = startCommand(['demo', '--out', out], { env: { TMPDIR: temporary } })
      let stderr = ''
      demo.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      const closed = once(demo, 'close')
      await lineOf(demo.stdout!, /^embedded: /)
      const postgres = (await processesOn(temporary)).find(({ commandLine }) =>
        /^\S*\/bin\/postgres /.test(commandLine),
      )
      process.kill(postgres!.pid, 'SIGKILL')
      const [code] = (await closed) as [number]
      expect({ code, stderr }).toEqual({
        code: 69,
        stderr: 'concept-worker: the embedded postgres has ended\n',
      })
      expect(await readdir(temporary)).toEqual([])
      await expect.poll(() => processesOn(temporary), { timeout: 30_000 }).toEqual([])
    },
  )
})
