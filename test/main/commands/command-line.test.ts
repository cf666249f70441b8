import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VARIABLE_NAMES } from '../../../src/main/config/schema.ts'
import { runCommand } from '../../setup/command-line.ts'

const LOGO = fileURLToPath(new URL('../../fixtures/images/logo-bazel-icon.png', import.meta.url))

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
    [['tasks']],
    [['cancel']],
    [['retry']],
    [['quarantine']],
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
    [['quarantine', 'replay'], /expected either ids or --all/],
    [['quarantine', 'discard', '1', 'x'], /id: expected a whole number/],
    [['quarantine', 'discard'], /missing required argument/],
    [['tasks', '--status', 'pending,done'], /expected pending, processing, completed, failed, cancelled/],
    [['tasks', '--limit', '1001'], /expected a whole number from 1 to 1000/],
    [['tasks', '--error-code', 'atuh'], /Allowed choices are .*auth/],
    [['retry'], /expected either ids or --error-code/],
    [['retry', '7'], /7: expected a UUID/],
    [['retry', '--error-code', 'auth', '--since', '2 hours'], /expected minutes, hours or days/],
    [['retry', '6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11', '--limit', '1'], /beside --error-code only/],
    [['quarantine', 'show', 'x'], /id: expected a whole number/],
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
    expect(stderr).toContain('--logo: expected text that is not empty')
    expect(stderr).toContain('--palettes: expected a whole number from 1 to 15')
  })

  it.each([
    ['generation', '--logo', 'x', '--theme', 'y'],
    ['refinement', '--image', 'file:///x.png', '--prompt', 'y'],
  ])('does not hand in a task for a user that no message may name: %s', async (...args) => {
    for (const user of ['', 'u'.repeat(1_025)]) {
      const { code, stdout, stderr } = await runCommand(['submit', ...args, '--user', user], { cwd: folder })
      expect(code).toBe(64)
      expect(stderr).toBe('concept-worker: --user: expected text of 1 to 1024 characters without NUL\n')
      expect(stdout).toBe('')
    }
  })

  it('makes no database to look for a task in', async () => {
    const { code, stderr } = await runCommand(['task', '6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11'], {
      cwd: folder,
    })
    expect(code).toBe(69)
    expect(stderr).toContain('no worker with an embedded database has run')
    expect(await readdir(folder)).toEqual([])
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

  it('asks about a variable whose name is nearly one of its own', async () => {
    const { code, stderr } = await runCommand(['config'], { env: { POOL_MAX_THREAD: '4' }, cwd: folder })
    expect(code).toBe(0)
    expect(stderr).toBe('concept-worker: POOL_MAX_THREAD is not read; is POOL_MAX_THREADS meant?\n')
  })

  it('lists every variable of the schema, as text and as JSON', async () => {
    const [text, json] = await Promise.all([
      runCommand(['config'], { cwd: folder }),
      runCommand(['config', '--json'], { cwd: folder }),
    ])
    expect(
      text.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(VARIABLE_NAMES)
    const variables = JSON.parse(json.stdout) as Record<string, { about: string }>
    expect(Object.keys(variables)).toEqual(VARIABLE_NAMES)
    for (const { about } of Object.values(variables)) expect(about).not.toBe('')
  })

  it.each([
    ['LEASE_MS', 'a whole number of milliseconds from 2000 to 600000'],
    ['LOG_LEVEL', 'fatal, error, warn, info, debug, trace or silent'],
    ['HTTP_PORT', 'a port from 0 to 65535'],
  ])('says what %s may hold, whether it is set or not, as text and as JSON', async (name, expected) => {
    const [text, json] = await Promise.all([
      runCommand(['config'], { cwd: folder }),
      runCommand(['config', '--json'], { env: { LEASE_MS: '2000', LOG_LEVEL: 'info' }, cwd: folder }),
    ])
    expect(text.stdout).toMatch(new RegExp(`^${name} .* ${expected}$`, 'm'))
    expect(JSON.parse(json.stdout)).toMatchObject({ [name]: { expected } })
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

  it('says that an image has none', async () => {
    const path = join(folder, 'white.png')
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#ffffff' } }).toFile(path)
    expect(await runCommand(['palette', path])).toEqual({
      code: 0,
      stdout: '',
      stderr: `concept-worker: ${path} has no swatches: no colour in it stands out\n`,
    })
  })
})
