import type { HexColor } from '../protocol.ts'

/** 8-bit sRGB: red, green, blue, each 0 to 255. */
export type Rgb = readonly [number, number, number]

/**
 * The last bit of a power differs between processors and between versions of V8. No value of the table lies so near the
 * middle between two steps of this grid that it could be rounded to another one.
 */
const GRID = 2 ** 36

/** Light intensity (0 to 1) of each 8-bit sRGB value: the transfer function of IEC 61966-2-1. */
export const linearOfByte: Float64Array = Float64Array.from(
  { length: 256 },
  (_, byte) => Math.round(linearOf(byte) * GRID) / GRID,
)

const ENCODE_STEPS = 1 << 14

/** The inverse: 8-bit sRGB value of a light intensity in steps of 1/16384, fine enough for the darkest bytes. */
export const byteOfStep: Uint8Array = buildByteOfStep()

function buildByteOfStep(): Uint8Array {
  const table = new Uint8Array(ENCODE_STEPS + 1)
  let byte = 0
  for (let step = 0; step <= ENCODE_STEPS; step++) {
    const intensity = step / ENCODE_STEPS
    // The nearest byte in the encoded scale lies beyond the point half-way between two encoded values.
    while (byte < 255 && intensity >= linearOf(byte + 0.5)) byte++
    table[step] = byte
  }
  return table
}

/** Light intensity of a value between 0 and 255. */
function linearOf(value: number): number {
  const encoded = value / 255
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4
}

/** 8-bit sRGB value of a light intensity; intensities outside 0 to 1 are clipped. */
export function byteOfLinear(intensity: number): number {
  if (intensity <= 0) return 0
  if (intensity >= 1) return 255
  return byteOfStep[(intensity * ENCODE_STEPS + 0.5) | 0]!
}

/** `#RRGGBB`, upper case. */
export function hexOfRgb([red, green, blue]: Rgb): HexColor {
  return `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1).toUpperCase()}`
}

/** Reads `#RRGGBB` in either case. Throws a RangeError on anything else. */
export function rgbOfHex(hex: string): Rgb {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) throw new RangeError('a colour must be written #RRGGBB')
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}
