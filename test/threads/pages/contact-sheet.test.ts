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
    base: await plain('#FF0000'),
    swatches: ['#123456', '#654321'],
    variations: [
      { encoded: await plain('#00FF00'), colors: OCEAN },
      { encoded: await plain('#0000FF'), colors: NIGHT },
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
    [{ base: await plain('#FFFFFF'), swatches: [], variations: [] }],
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
    [{ base: await plain('#FF0000', 200, 50), swatches: [], variations: [] }],
    102,
  )
  const red = (await coloursOf(sheet.bytes)).get('#FF0000')!
  expect(red).toBe(100 * 25)
})

test('eight rows of eight are drawn, more are refused', async () => {
  const encoded = await plain('#336699', 20, 20)
  const colors: HexColor[] = ['#111111', '#EEEEEE']
  const variations = (count: number) => Array.from({ length: count }, () => ({ encoded, colors }))
  const rows = (count: number, columns: number) =>
    Array.from({ length: count }, () => ({
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
  const rows = [{ base: readFixture('logo-d3.png'), swatches: OCEAN, variations: [] }]
  expect((await composeContactSheet(rows, 128)).bytes).toEqual((await composeContactSheet(rows, 128)).bytes)
})

test('a thumbnail’s longer side has the size asked for, and small pictures are not blown up', async () => {
  const wide = await createThumbnail(await plain('#336699', 400, 100), 200)
  expect(wide).toMatchObject({ width: 200, height: 50, contentType: 'image/webp' })
  expect(await sharp(wide.bytes).metadata()).toMatchObject({ format: 'webp', width: 200, height: 50 })
  expect(await createThumbnail(await plain('#336699', 30, 60), 200)).toMatchObject({ width: 30, height: 60 })
})
