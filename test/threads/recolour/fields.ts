import fc from 'fast-check'
import { hexOfRgb, rgbOfHex } from '../../../src/threads/colour/srgb.ts'
import type { Raster } from '../../../src/threads/codec/raster.ts'
import type { HexColor, PaletteColors, SharedImage } from '../../../src/threads/protocol.ts'
import { drawImage } from '../picture.ts'

const CELLS_A_SIDE = 4
/** Share of a side that the ground has all around. */
const MARGIN = 0.15
/** Share of a cell's side that parts it from the one before, where fields do not touch. */
const GAP = 0.25
/** Place of the background among the five colours. */
export const GROUND = 3
/** Places of the other four, in the order of the area that their roles should fill. */
const ROLES_BY_AREA = [0, 1, 2, 4] as const

/** Where the flat fields of a picture lie: four by four cells on a ground, each with the place of its colour. */
export type Fields = {
  readonly sidePx: number
  readonly cells: readonly number[]
  readonly touching: boolean
}

export const anyFields = (touching: boolean): fc.Arbitrary<Fields> =>
  fc.record({
    sidePx: fc.integer({ min: touching ? 40 : 60, max: 160 }),
    cells: fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: 16, maxLength: 16 })
      .filter((cells) => cells.some((place) => place !== GROUND)),
    touching: fc.constant(touching),
  })

/** The same fields with their colours so exchanged that the areas follow the roles. */
export function byRoles(fields: Fields): Fields {
  const count = (place: number) => fields.cells.filter((cell) => cell === place).length
  const bySize = ROLES_BY_AREA.toSorted((one, other) => count(other) - count(one))
  const cells = fields.cells.map((place) => {
    const rank = bySize.findIndex((role) => role === place)
    return rank < 0 ? GROUND : ROLES_BY_AREA[rank]!
  })
  return { ...fields, cells }
}

/** Draws fields with hard edges. */
export function drawFields({ sidePx, cells, touching }: Fields, colours: PaletteColors): SharedImage {
  const rgbs = colours.map((hex) => rgbOfHex(hex))
  const margin = Math.floor(sidePx * MARGIN)
  const cellPx = (sidePx - 2 * margin) / CELLS_A_SIDE
  const gap = touching ? 0 : GAP
  const isInside = (place: number) => place >= 0 && place < CELLS_A_SIDE && place - Math.floor(place) >= gap
  return drawImage(sidePx, sidePx, (x, y) => {
    const [column, row] = [(x - margin) / cellPx, (y - margin) / cellPx]
    if (!isInside(column) || !isInside(row)) return rgbs[GROUND]!
    return rgbs[cells[Math.floor(row) * CELLS_A_SIDE + Math.floor(column)]!]!
  })
}

/**
 * The colours of a result by the colour that the source has there. Counts only pixels that have eight neighbours
 * of their own colour in the source: the inside of its fields. Both must be opaque.
 */
export function coloursOfFields(source: SharedImage, result: Raster): Map<HexColor, Set<HexColor>> {
  const { width, height } = source
  const before = source.pixels
  const colourAt = (pixels: Uint8Array, pixel: number) =>
    (pixels[pixel * 3]! << 16) | (pixels[pixel * 3 + 1]! << 8) | pixels[pixel * 3 + 2]!
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1]
  const colours = new Map<number, Set<number>>()
  for (let y = 1; y < height - 1; y++) {
    for (let pixel = y * width + 1; pixel < (y + 1) * width - 1; pixel++) {
      const colour = colourAt(before, pixel)
      if (around.some((offset) => colourAt(before, pixel + offset) !== colour)) continue
      const known = colours.get(colour) ?? new Set()
      colours.set(colour, known.add(colourAt(result.pixels, pixel)))
    }
  }
  return new Map([...colours].map(([colour, became]) => [hexOf(colour), new Set([...became].map(hexOf))]))
}

const hexOf = (colour: number): HexColor => hexOfRgb([colour >> 16, (colour >> 8) & 255, colour & 255])
