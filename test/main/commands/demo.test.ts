import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type Finished } from '../../setup/command-line.ts'

type Summary = {
  tasks: { completed: number; failed: number }
  concepts: number
  variations: number
  stages: Record<string, { count: number; p50Ms: number; p95Ms: number; waitP50Ms: number }>
  wallMs: number
  contactSheet: string
  report: string
}

let folder: string
let demo: Finished

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'))
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

  it('leaves a report that needs nothing beside it', async () => {
    const html = await readFile(summary().report, 'utf8')
    expect(html.match(/<img /g)!.length).toBeGreaterThanOrEqual(56)
    expect(html).not.toMatch(/(src|href)="(https?:|file:|\/)/)
  })
})
