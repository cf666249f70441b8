import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, startCommand } from '../../setup/command-line.ts'

const LOGO = fileURLToPath(new URL('../../fixtures/images/logo-bazel-icon.png', import.meta.url))
const logo = await readFile(LOGO)
const PALETTES = [
  { name: 'Ocean', colors: ['#0B3C5D', '#328CC1', '#D9B310', '#F7F9FB', '#1D2731'] },
  { name: 'Night', colors: ['#F72585', '#4CC9F0', '#B5179E', '#10002B', '#4361EE'] },
]

let folder: string
/** A small picture, where the test is not about the picture. */
let icon: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recolour-'))
  icon = join(folder, 'icon.png')
  await writeFile(icon, await sharp(logo).resize(96).png().toBuffer())
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('recolour', () => {
  const recolour = (...args: string[]) =>
    ['recolour', ...args].concat('--palettes', join(folder, 'palettes.json'), '--out', join(folder, 'out'))
  const written = async (name: string) => {
    const bytes = await readFile(join(folder, 'out', name))
    return { bytes, format: (await sharp(bytes).metadata()).format }
  }

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

  it('takes the palettes that the command palette has derived from an image', async () => {
    const { stdout } = await runCommand(['palette', LOGO, '--json'])
    await writeFile(join(folder, 'palettes.json'), stdout)
    expect(await runCommand(recolour(icon))).toMatchObject({ code: 0, stderr: '' })
    const { derivedPalettes } = JSON.parse(stdout) as { derivedPalettes: object[] }
    expect(derivedPalettes).not.toHaveLength(0)
    expect(await readdir(join(folder, 'out'))).toHaveLength(derivedPalettes.length)
  })

  it('writes all files, and succeeds, although nobody reads what it prints', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    const child = startCommand(recolour(icon, LOGO))
    child.stdout?.destroy()
    expect((await once(child, 'close'))[0]).toBe(0)
    expect(await readdir(join(folder, 'out'))).toHaveLength(4)
  })

  it('takes a dozen palettes at once without a word, and names the files so that they sort', async () => {
    const dozen = Array.from({ length: 12 }, (_, i) => PALETTES[i % 2])
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(dozen))
    const { code, stdout, stderr } = await runCommand(recolour(icon))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const files = stdout.trim().split('\n')
    expect(files.at(0)).toBe(join(folder, 'out', 'icon-00.png'))
    expect(files.at(-1)).toBe(join(folder, 'out', 'icon-11.png'))
    expect(files.toSorted()).toEqual(files)
    expect((await readdir(join(folder, 'out'))).toSorted()).toEqual(files.map((file) => basename(file)))
  })

  it('prints with --names which palette each file has, on one line whatever the name', async () => {
    const [ocean, night] = PALETTES
    const palettes = [ocean, { ...night, name: 'Night\tor\n\u001B[2Jday' }]
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(palettes))
    const { stdout } = await runCommand(recolour(icon, '--names'))
    const out = join(folder, 'out')
    expect(stdout).toBe(`${join(out, 'icon-0.png')}\tOcean\n${join(out, 'icon-1.png')}\tNight or  [2Jday\n`)
  })

  it.each([
    ['no JSON', 'x', /expected JSON/],
    ['no list', '{}', /expected a list .* or what "palette --json" prints/],
    ['no derived one', '{"derivedPalettes":[]}', /derivedPalettes expected at least one palette/],
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

  it('names the images that it cannot use, recolours the others, and prints these in their order', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    await writeFile(join(folder, 'page.png'), '<html>')
    await writeFile(join(folder, 'small.png'), await sharp(logo).resize(16).png().toBuffer())
    const names = ['none.png', 'icon.png', 'page.png', 'small.png']
    const { code, stdout, stderr } = await runCommand(recolour(...names.map((name) => join(folder, name))))
    expect(code).toBe(65)
    expect(stderr).toContain('none.png: cannot be read (ENOENT)')
    expect(stderr).toContain('page.png: ')
    const variations = ['icon-0.png', 'icon-1.png', 'small-0.png', 'small-1.png']
    expect(stdout.trim().split('\n')).toEqual(variations.map((name) => join(folder, 'out', name)))
    expect((await readdir(join(folder, 'out'))).toSorted()).toEqual(variations)
  })

  it('leaves no folder where no image can be used', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    expect((await runCommand(recolour(join(folder, 'none.png')))).code).toBe(65)
    expect(await readdir(folder)).not.toContain('out')
  })

  it('refuses two images whose variations would overwrite each other', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    const { code, stderr } = await runCommand(recolour('a/x.png', 'b/x.png'))
    expect(code).toBe(64)
    expect(stderr).toContain('two images are named x')
  })

  it('refuses to write a variation in place of an image', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    const [first, second] = [join(folder, 'out', 'x.png'), join(folder, 'out', 'x-1.png')]
    const { code, stderr } = await runCommand(recolour(first, second))
    expect(code).toBe(64)
    expect(stderr).toContain(`would overwrite the image ${second}`)
  })

  it('writes the format that --format names, with its extension', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES.slice(0, 1)))
    const { code, stdout } = await runCommand(recolour(icon, '--format', 'webp'))
    expect(code).toBe(0)
    expect(stdout.trim()).toBe(join(folder, 'out', 'icon-0.webp'))
    expect(await readdir(join(folder, 'out'))).toEqual(['icon-0.webp'])
    expect(await written('icon-0.webp')).toMatchObject({ format: 'webp' })
  })

  it('takes from the environment what no option says, and the option where both speak', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES.slice(0, 1)))
    const env = { IMAGE_FORMAT: 'webp', RECOLOUR_STRENGTH: '0' }
    expect((await runCommand(recolour(icon), { env })).code).toBe(0)
    expect(await written('icon-0.webp')).toMatchObject({ format: 'webp' })
    expect((await runCommand(recolour(icon, '--format', 'png'), { env })).code).toBe(0)
    const untouched = await written('icon-0.png')
    expect(untouched.format).toBe('png')
    const pixels = (image: Buffer) => sharp(image).removeAlpha().raw().toBuffer()
    const original = await pixels(await readFile(icon))
    expect((await pixels(untouched.bytes)).equals(original)).toBe(true)
    expect((await runCommand(recolour(icon, '--format', 'png', '--strength', '1'), { env })).code).toBe(0)
    const recoloured = await written('icon-0.png')
    expect((await pixels(recoloured.bytes)).equals(original)).toBe(false)
  })

  it.each([
    ['png', '0', '9'],
    ['webp', '0', '6'],
  ])('makes smaller %s files with more --effort', async (format, low, high) => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES.slice(0, 1)))
    const sizes: number[] = []
    for (const effort of [low, high]) {
      expect((await runCommand(recolour(icon, '--format', format, '--effort', effort))).code).toBe(0)
      sizes.push((await written(`icon-0.${format}`)).bytes.length)
    }
    expect(sizes[1]).toBeLessThan(sizes[0]!)
  })

  it.each([
    [['--format', 'jpeg'], /png, webp/],
    [['--format', 'webp', '--effort', '7'], /--effort: expected a whole number from 0 to 6 for webp/],
    [['--effort', '10'], /--effort: expected a whole number from 0 to 9 for png/],
    [['--effort', 'much'], /expected a whole number/],
    [['--strength', '-1'], /expected a number from 0 to 1/],
  ])('refuses %j with exit code 64, and says what it expects', async (options, reason) => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES))
    const { code, stderr } = await runCommand(recolour(icon, ...options))
    expect(code).toBe(64)
    expect(stderr).toMatch(reason)
    expect(await readdir(folder)).not.toContain('out')
  })

  it('names the file that it cannot write', async () => {
    await writeFile(join(folder, 'palettes.json'), JSON.stringify(PALETTES.slice(0, 1)))
    await mkdir(join(folder, 'out', 'icon-0.png'), { recursive: true })
    const { code, stderr } = await runCommand(recolour(icon))
    expect(code).toBe(65)
    expect(stderr).toContain('icon-0.png: cannot be written (EISDIR)')
  })
})
