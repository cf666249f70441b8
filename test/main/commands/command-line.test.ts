import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../../setup/command-line.ts'

const LOGO = fileURLToPath(new URL('../../fixtures/images/logo-bazel-icon.png', import.meta.url))
const PALETTES = [
  { name: 'Ocean', colors: ['#0B3C5D', '#328CC1', '#D9B310', '#F7F9FB', '#1D2731'] },
  { name: 'Night', colors: ['#F72585', '#4CC9F0', '#B5179E', '#10002B', '#4361EE'] },
]

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-line-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the command line', () => {
  it.each([
    [[]],
    [['start']],
    [['demo']],
    [['migrate']],
    [['config']],
    [['submit']],
    [['submit', 'generation']],
    [['submit', 'refinement']],
    [['task']],
    [['recolour']],
    [['palette']],
  ])('explains itself: %j --help', async (args) => {
    const { code, stdout, stderr } = await runCommand([...args, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: concept-worker')
    expect(stderr).toBe('')
  })

  it.each([
    [['dance'], /unknown command/],
    [['start', '--fast'], /unknown option/],
    [['submit', 'generation', '--logo', 'x'], /required option '--theme/],
    [
      ['submit', 'generation', '--logo', 'x', '--theme', 'y', '--palettes', 'many'],
      /expected a whole number/,
    ],
    [['task', '7'], /expected a UUID/],
    [
      ['recolour', 'x.png', '--palettes', 'p', '--out', 'o', '--strength', '2'],
      /expected a number from 0 to 1/,
    ],
  ])('answers a wrong call %j with exit code 64 and the reason', async (args, reason) => {
    const { code, stdout, stderr } = await runCommand(args)
    expect(code).toBe(64)
    expect(stderr).toMatch(reason)
    expect(stdout).toBe('')
  })

  it.each(['start', 'demo', 'migrate', 'config'])(
    'refuses to %s with a wrong environment: exit code 78, all mistakes, no secret',
    async (command) => {
      const env = { LOG_LEVEL: 'loud', POOL_MAX_THREADS: '0', DATABASE_URL: 'mysql://u:canary@h/d' }
      const { code, stderr } = await runCommand([command], { env, cwd: folder })
      expect(code).toBe(78)
      for (const name of Object.keys(env)) expect(stderr).toContain(`${name}=`)
      expect(stderr).not.toContain('canary')
      expect(await readdir(folder)).toEqual([])
    },
  )

  it('says that a service does not answer, without its credentials', async () => {
    const env = { DATABASE_URL: 'postgresql://user:canary@127.0.0.1:1/db' }
    const { code, stderr } = await runCommand(['migrate'], { env })
    expect(code).toBe(69)
    expect(stderr).toContain('ECONNREFUSED')
    expect(stderr).not.toContain('canary')
  })

  it('does not hand in a task that a processor would refuse', async () => {
    const args = ['submit', 'generation', '--logo', '', '--theme', 'y', '--palettes', '99']
    const { code, stderr } = await runCommand(args, { cwd: folder })
    expect(code).toBe(64)
    expect(stderr).toContain('logo_description: expected text that is not empty')
    expect(stderr).toContain('num_palettes: expected a whole number from 1 to 15')
  })

  it('says that no worker runs when a task is submitted to nobody', async () => {
    const args = ['submit', 'generation', '--logo', 'x', '--theme', 'y']
    const { code, stderr } = await runCommand(args, { cwd: folder })
    expect(code).toBe(69)
    expect(stderr).toContain('no worker with embedded services runs')
  })
})

describe('config', () => {
  it('prints the values in force with their sources, and no secret', async () => {
    const env = { HF_TOKEN: 'canary', LOG_LEVEL: 'debug' }
    const { code, stdout } = await runCommand(['config', '--json'], { env, cwd: folder })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      HF_TOKEN: { value: '***', source: 'environment' },
      LOG_LEVEL: { value: 'debug', source: 'environment' },
      DATABASE_URL: { source: 'embedded' },
    })
    expect(stdout).not.toContain('canary')
  })
})

describe('recolour', () => {
  const recolour = (...images: string[]) =>
    ['recolour', ...images].concat('--palettes', join(folder, 'palettes.json'), '--out', join(folder, 'out'))

  it('writes one PNG for each palette, the same on every run', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    const first = await runCommand(recolour(LOGO))
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect((await readdir(join(folder, 'out'))).toSorted()).toEqual([
      'logo-bazel-icon-0.png',
      'logo-bazel-icon-1.png',
    ])
    const file = join(folder, 'out', 'logo-bazel-icon-1.png')
    const bytes = await readFile(file)
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 1024, height: 1024, format: 'png' })
    await runCommand(recolour(LOGO))
    expect(await readFile(file)).toEqual(bytes)
  })

  it.each([
    ['no JSON', 'x', /expected JSON/],
    ['no list', '{}', /expected a list/],
    ['an empty list', '[]', /at least one palette/],
    [
      'four colours',
      JSON.stringify([{ name: 'a', colors: PALETTES[0]!.colors.slice(1) }]),
      /0\.colors expected five/,
    ],
    [
      'a wrong colour',
      JSON.stringify([{ ...PALETTES[0], colors: ['red', '#000000', '#000000', '#000000', '#000000'] }]),
      /0\.colors\.0 expected a colour as #RRGGBB/,
    ],
  ])('refuses palettes with %s: exit code 65', async (_, text, reason) => {
    await writeFile(join(folder, 'palettes.json'), text)
    const { code, stderr } = await runCommand(recolour(LOGO))
    expect(code).toBe(65)
    expect(stderr).toMatch(reason)
  })

  it('names the image that it cannot use', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    await writeFile(join(folder, 'page.png'), '<html>')
    const missing = await runCommand(recolour(join(folder, 'none.png')))
    expect(missing.code).toBe(65)
    expect(missing.stderr).toContain('none.png: cannot be read (ENOENT)')
    const page = await runCommand(recolour(join(folder, 'page.png')))
    expect(page.code).toBe(65)
    expect(page.stderr).toContain('page.png: ')
  })

  it('refuses two images whose variations would overwrite each other', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    const { code, stderr } = await runCommand(recolour('a/x.png', 'b/x.png'))
    expect(code).toBe(64)
    expect(stderr).toContain('two images are named x')
  })
})

describe('palette', () => {
  it('prints the swatches of an image', async () => {
    const { code, stdout } = await runCommand(['palette', LOGO])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Vibrant +#[0-9A-F]{6} +\d+\.\d %$/m)
    const json = await runCommand(['palette', LOGO, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      swatches: expect.arrayContaining([expect.objectContaining({ name: 'Vibrant' })]),
    })
  })
})
