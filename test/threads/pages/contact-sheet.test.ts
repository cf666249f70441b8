import sharp from 'sharp'
import { expect, test } from 'vitest'
import { composeContactSheet } from '../../../src/threads/pages/contact-sheet.ts'
import { createThumbnail } from '../../../src/threads/pages/thumbnail.ts'
import type { ContactSheetRow, HexColor } from '../../../src/threads/protocol.ts'
import { NIGHT, OCEAN, readFixture } from '../picture.ts'

const plain = (background: string, width = 90, height = 90) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

async function coloursOf(encoded: Uint8Array): Promise<Map<string, number>> {
  const { data } = await sharp(encoded).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const counts = new Map<string, number>()
  for (let at = 0; at < data.length; at += 3) {
    const hex = `#${data
      .subarray(at, at + 3)
      .toString('hex')
      .toUpperCase()}`
    counts.set(hex, (counts.get(hex) ?? 0) + 1)
  }
  return counts
}

test('a sheet shows every picture and every colour of its palette', async () => {
  const row: ContactSheetRow = {
    title: '',
    base: await plain('#FF0000'),
    swatches: ['#123456', '#654321'],
    variations: [
      { encoded: await plain('#00FF00'), paletteName: 'Ocean', colors: OCEAN },
      { encoded: await plain('#0000FF'), paletteName: 'Night', colors: NIGHT },
    ],
  }
  const sheet = await composeContactSheet([row, row], 100)
  expect(sheet.contentType).toBe('image/png')
  expect(await sharp(sheet.bytes).metadata()).toMatchObject({
    format: 'png',
    width: sheet.width,
    height: sheet.height,
  })
  const colours = await coloursOf(sheet.bytes)
  // 98 x 98 pixels within a border, less the round corners, twice.
  for (const hex of ['#FF0000', '#00FF00', '#0000FF']) {
    expect(colours.get(hex)!).toBeGreaterThan(2 * 95 * 98)
    expect(colours.get(hex)!).toBeLessThanOrEqual(2 * 98 * 98)
  }
  for (const hex of [...OCEAN, ...NIGHT, ...row.swatches]) expect(colours.get(hex)!).toBeGreaterThan(50)
})

test('white pictures stand out from the page by a thin line', async () => {
  const sheet = await composeContactSheet(
    [{ title: '', base: await plain('#FFFFFF'), swatches: [], variations: [] }],
    100,
  )
  const { data, info } = await sharp(sheet.bytes).raw().toBuffer({ resolveWithObject: true })
  const row = Array.from(
    { length: info.width },
    (_, x) => data[(Math.round(info.height / 2) * info.width + x) * 3]!,
  )
  const page = row[0]!
  const white = row[Math.round(info.width / 2)]!
  expect(white).toBe(255)
  const line = row.slice(0, row.indexOf(255)).at(-1)!
  expect(page - line).toBeGreaterThan(20)
})

test('a picture keeps its proportions', async () => {
  const sheet = await composeContactSheet(
    [{ title: '', base: await plain('#FF0000', 200, 50), swatches: [], variations: [] }],
    102,
  )
  const red = (await coloursOf(sheet.bytes)).get('#FF0000')!
  expect(red).toBe(100 * 25)
})

test('eight rows of eight are drawn, more are refused', async () => {
  const encoded = await plain('#336699', 20, 20)
  const colors: HexColor[] = ['#111111', '#EEEEEE']
  const variations = (count: number) =>
    Array.from({ length: count }, () => ({ encoded, paletteName: '', colors }))
  const rows = (count: number, columns: number) =>
    Array.from({ length: count }, () => ({
      title: '',
      base: encoded,
      swatches: colors,
      variations: variations(columns - 1),
    }))
  const sheet = await composeContactSheet(rows(8, 8), 40)
  expect((await coloursOf(sheet.bytes)).get('#336699')!).toBeGreaterThan(64 * 36 * 36)
  for (const wrong of [rows(9, 2), rows(1, 9), []]) {
    await expect(composeContactSheet(wrong, 40)).rejects.toMatchObject({ code: 'image_failed' })
  }
})

test('the same pictures give the same sheet', async () => {
  const rows = [{ title: 'three letters', base: readFixture('logo-d3.png'), swatches: OCEAN, variations: [] }]
  expect((await composeContactSheet(rows, 128)).bytes).toEqual((await composeContactSheet(rows, 128)).bytes)
})

/** The pixels of a sheet of one picture, which differ from those of the same sheet without the texts. */
async function textOn(title: string, paletteName: string): Promise<{ x: number; y: number }[]> {
  const encoded = await plain('#336699')
  const pixels = async (title: string, paletteName: string) => {
    const row = {
      title,
      base: encoded,
      swatches: OCEAN,
      variations: [{ encoded, paletteName, colors: OCEAN }],
    }
    const { bytes } = await composeContactSheet([row], 100)
    return sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  }
  const [without, sheet] = [await pixels('', ''), await pixels(title, paletteName)]
  expect(sheet.info).toEqual(without.info)
  const { width, channels } = sheet.info
  const changed: { x: number; y: number }[] = []
  for (let i = 0; i < sheet.data.length; i += channels) {
    if (sheet.data[i] !== without.data[i]) {
      changed.push({ x: (i / channels) % width, y: Math.floor(i / channels / width) })
    }
  }
  return changed
}

/** The page of such a sheet: two pictures of 100 pixels in margins of 16, the title above, the palette's name below. */
const PAGE = { left: 16, right: 232, variation: 132, pictures: 34, strips: 148 }

test('a row has its title above it, and each variation the name of its palette below', async () => {
  const title = await textOn('a fox head', '')
  expect(title.length).toBeGreaterThan(50)
  for (const { x, y } of title) {
    expect(y).toBeLessThan(PAGE.pictures)
    expect(x).toBeLessThan(PAGE.variation)
  }
  const name = await textOn('', 'Ocean')
  expect(name.length).toBeGreaterThan(30)
  for (const { x, y } of name) {
    expect(y).toBeGreaterThan(PAGE.strips)
    expect(x).toBeGreaterThanOrEqual(PAGE.variation - 1)
  }
})

test.each([
  ['a very long word', 'W'.repeat(100_000)],
  ['very many words', 'a fox '.repeat(10_000)],
  ['very tall letters', '|ÅŐǺjgçỆ'.repeat(100)],
])('%s is cut at the end of its line', async (_, text) => {
  const changed = await textOn(text, text)
  for (const { x, y } of changed) {
    expect(y < PAGE.pictures || y > PAGE.strips).toBe(true)
    expect(x).toBeGreaterThanOrEqual(PAGE.left - 1)
    expect(x).toBeLessThanOrEqual(PAGE.right + 1)
  }
  expect(Math.max(...changed.filter(({ y }) => y < PAGE.pictures).map(({ x }) => x))).toBeGreaterThan(200)
})

test.each([
  ['emoji', 'a 🦊 fox 👩‍👩‍👧', 'a fox'],
  ['letters of other scripts', 'שלום a 狐 fox قطة', 'a fox'],
  ['controls, line ends and tabs', 'a\u0000\u0007\n\t fox\u2028\u001B[0m', 'a fox [0m'],
  ['what would turn the direction of text', '\u202Ea\u2066 fox\u200F', 'a fox'],
  ['halves of pairs', 'a \uD83E fox\uDD8A', 'a fox'],
  ['stacks of marks', `a f${'\u0335\u0336'.repeat(50)}ox`, 'a fox'],
])('%s are left out of a text, and leave no box', async (_, text, printed) => {
  expect(await textOn(text, text)).toEqual(await textOn(printed, printed))
})

test('a text that has nothing to print is none', async () => {
  expect(await textOn('🦊\u0000', ' \n')).toEqual([])
})

test('markup in a text is a text', async () => {
  const markup = await textOn('<b>&amp;</b>', '')
  expect(markup.length).toBeGreaterThan((await textOn('b&b', '')).length)
})

test.each(['Ünïcödé Łódź', 'красный', 'ελιά', 'Tiếng Việt'])('%s is printed', async (word) => {
  expect((await textOn(word, '')).length).toBeGreaterThan((await textOn(word.slice(0, -1), '')).length)
})

test('a thumbnail’s longer side has the size asked for, and small pictures are not blown up', async () => {
  const wide = await createThumbnail(await plain('#336699', 400, 100), 200)
  expect(wide).toMatchObject({ width: 200, height: 50, contentType: 'image/webp' })
  expect(await sharp(wide.bytes).metadata()).toMatchObject({ format: 'webp', width: 200, height: 50 })
  expect(await createThumbnail(await plain('#336699', 30, 60), 200)).toMatchObject({ width: 30, height: 60 })
})
