import sharp from 'sharp'
import { encodeRaster } from '../codec/encode.ts'
import type { Raster } from '../codec/raster.ts'
import { rgbOfHex, type Rgb } from '../colour/srgb.ts'
import { ImageError } from '../image-error.ts'
import type { ContactSheetRow, EncodedImage, HexColor } from '../protocol.ts'
import { Canvas } from './canvas.ts'
import { setLine, type TextStyle } from './text-line.ts'
import { Typeface } from './typeface.ts'

const MAX_ROWS = 8
/** The base image and its variations. */
const MAX_COLUMNS = 8
const CELL_RANGE_PX: readonly [number, number] = [32, 1024]

const PAGE: Rgb = [246, 246, 244]
/** Thin lines keep white pictures and white swatches apart from the page. */
const LINE: Rgb = [214, 214, 210]
const TITLE: Rgb = [58, 58, 55]
const CAPTION: Rgb = [116, 116, 111]

/** Measures of the page, all in pixels. */
type Layout = {
  readonly cell: number
  readonly gap: number
  readonly margin: number
  /** Extra space between the base image and its variations. */
  readonly baseGap: number
  readonly strip: number
  readonly stripGap: number
  readonly radius: number
  /** Height of a row's title, with the space between it and the pictures. */
  readonly titleRoom: number
  /** From a strip's lower edge to the baseline of the palette's name. */
  readonly captionDrop: number
  /** From the lowest line of one row to the title of the next. */
  readonly rowGap: number
  readonly titlePx: number
  readonly captionPx: number
}

/**
 * Draws images and their palettes on one PNG: a row for each base image under its title, the base first, then its
 * variations, each with its colours and the palette's name beneath. `cellPx` is the side of a picture. Throws ImageError
 * `image_failed` for more than 8 rows or 8 columns.
 */
export async function composeContactSheet(
  rows: readonly ContactSheetRow[],
  cellPx: number,
): Promise<EncodedImage> {
  const columns = Math.max(1, ...rows.map((row) => 1 + row.variations.length))
  if (rows.length === 0 || rows.length > MAX_ROWS || columns > MAX_COLUMNS) {
    throw new ImageError(
      'image_failed',
      `a contact sheet has 1 to ${MAX_ROWS} rows of up to ${MAX_COLUMNS} images`,
    )
  }
  const layout = layoutOf(cellPx)
  const { cell, gap, margin, baseGap, strip, stripGap, titleRoom, captionDrop, rowGap } = layout
  const rowHeight = titleRoom + cell + stripGap + strip + captionDrop
  const width = margin * 2 + columns * cell + (columns - 1) * gap + (columns > 1 ? baseGap : 0)
  const height = margin * 2 + rows.length * rowHeight + (rows.length - 1) * rowGap
  const canvas = new Canvas(width, height, PAGE)
  const title = { typeface: new Typeface(500), sizePx: layout.titlePx, colour: TITLE }
  const caption = { typeface: new Typeface(400), sizePx: layout.captionPx, colour: CAPTION }
  for (const [rowIndex, row] of rows.entries()) {
    const rowTop = margin + rowIndex * (rowHeight + rowGap)
    drawText(canvas, title, row.title, margin, rowTop + layout.titlePx, width - margin * 2)
    const top = rowTop + titleRoom
    const cells = [{ encoded: row.base, colors: row.swatches, paletteName: '' }, ...row.variations]
    for (const [column, { encoded, colors, paletteName }] of cells.entries()) {
      const left = margin + column * (cell + gap) + (column > 0 ? baseGap : 0)
      drawPicture(canvas, layout, left, top, await fitInto(encoded, cell - 2))
      const stripTop = top + cell + stripGap
      drawStrip(canvas, layout, left, stripTop, colors)
      drawText(canvas, caption, paletteName, left, stripTop + strip + captionDrop, cell)
    }
  }
  return encodeRaster(canvas.raster(), { type: 'png', compressionLevel: 9 })
}

function layoutOf(cellPx: number): Layout {
  const cell = Math.round(Math.min(CELL_RANGE_PX[1], Math.max(CELL_RANGE_PX[0], cellPx)))
  const share = (part: number) => Math.max(2, Math.round(cell * part))
  return {
    cell,
    gap: share(0.08),
    margin: share(0.16),
    baseGap: share(0.08),
    strip: share(0.09),
    stripGap: share(0.05),
    radius: share(0.05),
    titleRoom: share(0.18),
    captionDrop: share(0.115),
    rowGap: share(0.24),
    titlePx: share(0.105),
    captionPx: share(0.082),
  }
}

/** Text in one line, cut where it is too long. */
function drawText(
  canvas: Canvas,
  style: TextStyle & { readonly colour: Rgb },
  text: string,
  left: number,
  baseline: number,
  maxWidth: number,
): void {
  canvas.drawText(setLine(text, style, maxWidth), style.sizePx, left, baseline, style.colour)
}

/** Fits a whole picture into a square; what is left over, and what is transparent, is white. */
async function fitInto(encoded: Uint8Array, sidePx: number): Promise<Raster> {
  const { data, info } = await sharp(encoded, { pages: 1 })
    .flatten({ background: '#ffffff' })
    .resize(sidePx, sidePx, { fit: 'contain', background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3, pixels: data }
}

function drawPicture(canvas: Canvas, layout: Layout, left: number, top: number, picture: Raster): void {
  const { cell, radius } = layout
  canvas.fillBox({ left, top, width: cell, height: cell, radius }, LINE)
  const inner = { left: left + 1, top: top + 1, width: cell - 2, height: cell - 2, radius: radius - 1 }
  canvas.drawBox(inner, picture)
}

/** One field a colour, in the order of the palette. */
function drawStrip(
  canvas: Canvas,
  layout: Layout,
  left: number,
  top: number,
  colors: readonly HexColor[],
): void {
  const { cell, strip } = layout
  const between = Math.max(1, Math.round(strip * 0.2))
  for (const [index, hex] of colors.entries()) {
    const start = Math.round((index * (cell + between)) / colors.length)
    const end = Math.round(((index + 1) * (cell + between)) / colors.length) - between
    const radius = Math.round(strip * 0.25)
    canvas.fillBox({ left: left + start, top, width: end - start, height: strip, radius }, LINE)
    const inner = {
      left: left + start + 1,
      top: top + 1,
      width: end - start - 2,
      height: strip - 2,
      radius: radius - 1,
    }
    canvas.fillBox(inner, rgbOfHex(hex))
  }
}
