import { labOfRgb, type Lab } from '../colour/oklab.ts'
import { partDifference, type ColourIndex } from './colour-index.ts'
import { PixelKind } from './pixel-kinds.ts'

/** The region that surrounds the subject. */
export type Background = {
  /** Its most frequent colour. */
  readonly lab: Lab
  /** 1 for each pixel that shows the background and nothing else. */
  readonly mask: Uint8Array
  /**
   * True when the subject runs into the background somewhere, as a glow or a soft shadow does. Otherwise a
   * colour like the background's inside the subject, say a highlight, is no background.
   */
  readonly open: boolean
}

/** A surrounding region must hold at least this share of the image's border. */
const MIN_BORDER_SHARE = 0.25
/** How many of the border's most frequent colours are tried. */
const MAX_CANDIDATES = 16
/** Parts may differ by this much from the background's colour: noise of a compressed image. */
const NOISE_STEP = 5
/** Inside the subject only the background's very colour counts as background: a hole. */
const HOLE_STEP = 1
/** Distance from the background, on an image of 1024 pixels a side, at which a glow is still faint. */
const FRONTIER_PX = 6
const MAX_FAINT_STEP = 9
/** From this share of faint frontier on, the background counts as open. */
const MIN_FAINT_SHARE = 0.15

/**
 * Finds the region whose colour most of the image's border has. Undefined when the border is transparent or
 * shows no prevailing colour.
 */
export function findBackground(index: ColourIndex, kinds: Uint8Array): Background | undefined {
  const { width, height, ofPixel, rgb } = index
  const border = borderPixels(width, height)
  const value = prevailingColour(
    index,
    border.filter((pixel) => kinds[pixel] !== PixelKind.hidden),
    border.length * MIN_BORDER_SHARE,
  )
  if (value === undefined) return undefined
  const difference = Uint8Array.from(rgb, (colour) => partDifference(colour, value))
  const mask = new Uint8Array(width * height)
  const belongs = new Uint8Array(width * height)
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (kinds[pixel] === PixelKind.hidden) continue
    const step = difference[ofPixel[pixel]!]!
    if (step <= HOLE_STEP) mask[pixel] = 1
    if (step <= NOISE_STEP) belongs[pixel] = 1
  }
  flood(mask, border, width, belongs)
  const lab = labOfRgb(value >> 16, (value >> 8) & 255, value & 255)
  return { lab, mask, open: isOpen(mask, index, difference) }
}

function borderPixels(width: number, height: number): number[] {
  const pixels: number[] = []
  for (let x = 0; x < width; x++) pixels.push(x, (height - 1) * width + x)
  for (let y = 0; y < height; y++) pixels.push(y * width, y * width + width - 1)
  return pixels
}

/** The border's most frequent colour, counting colours that differ by noise alone as one. */
function prevailingColour(
  { ofPixel, rgb }: ColourIndex,
  border: readonly number[],
  minPixels: number,
): number | undefined {
  const counts = new Map<number, number>()
  for (const pixel of border) counts.set(ofPixel[pixel]!, (counts.get(ofPixel[pixel]!) ?? 0) + 1)
  const candidates = [...counts].toSorted((one, other) => other[1] - one[1]).slice(0, MAX_CANDIDATES)
  let best: number | undefined
  let bestPixels = minPixels
  for (const [candidate] of candidates) {
    let alike = 0
    for (const [colour, pixels] of counts) {
      if (partDifference(rgb[candidate]!, rgb[colour]!) <= NOISE_STEP) alike += pixels
    }
    if (alike > bestPixels) [best, bestPixels] = [rgb[candidate], alike]
  }
  return best
}

/**
 * Sets the mask on all pixels that are joined to the seeds by pixels that belong (1 in `belongs`), row by row of
 * neighbours. Clears what it has visited in `belongs`.
 */
function flood(mask: Uint8Array, seeds: readonly number[], width: number, belongs: Uint8Array): void {
  const stack = [...seeds]
  for (let seed = stack.pop(); seed !== undefined; seed = stack.pop()) {
    if (belongs[seed] === 0) continue
    const rowStart = seed - (seed % width)
    const rowEnd = rowStart + width
    let start = seed
    while (start > rowStart && belongs[start - 1] === 1) start--
    let end = seed + 1
    while (end < rowEnd && belongs[end] === 1) end++
    belongs.fill(0, start, end)
    mask.fill(1, start, end)
    if (rowStart > 0) seedRow(stack, belongs, start - width, end - width)
    if (rowEnd < mask.length) seedRow(stack, belongs, start + width, end + width)
  }
}

/** Puts the first pixel of each row of neighbours that belong on the stack. */
function seedRow(stack: number[], belongs: Uint8Array, start: number, end: number): void {
  for (let pixel = start; pixel < end; pixel++) {
    if (belongs[pixel] === 1 && (pixel === start || belongs[pixel - 1] === 0)) stack.push(pixel)
  }
}

/** Looks a few pixels beyond the mask: what is still nearly the background there has run into it. */
function isOpen(mask: Uint8Array, { width, height, ofPixel }: ColourIndex, difference: Uint8Array): boolean {
  const reach = Math.max(2, Math.round((FRONTIER_PX * Math.max(width, height)) / 1024))
  const steps = [1, -1, width, -width]
  let faint = 0
  let all = 0
  for (let y = reach; y < height - reach; y++) {
    for (let x = reach; x < width - reach; x++) {
      const pixel = y * width + x
      if (mask[pixel] === 0) continue
      const isInside =
        mask[pixel - 1] === 1 &&
        mask[pixel + 1] === 1 &&
        mask[pixel - width] === 1 &&
        mask[pixel + width] === 1
      if (isInside) continue
      for (let i = 0; i < 4; i++) {
        const step = steps[i]!
        if (mask[pixel + step] === 1) continue
        all++
        const beyond = pixel + step * reach
        if (mask[beyond] === 0 && difference[ofPixel[beyond]!]! <= MAX_FAINT_STEP) faint++
      }
    }
  }
  return faint > all * MIN_FAINT_SHARE
}

/** How far an edge's foot reaches into the background. */
const FOOT_PX = 3

/**
 * The last faint pixels of an edge may look flat; beside a background without glows they are edge. Changes
 * the kinds in place.
 */
export function markEdgeFeet({ mask }: Background, { width, height }: ColourIndex, kinds: Uint8Array): void {
  for (let y = FOOT_PX; y < height - FOOT_PX; y++) {
    for (let x = FOOT_PX; x < width - FOOT_PX; x++) {
      const pixel = y * width + x
      if (mask[pixel] === 1 || kinds[pixel] !== PixelKind.flat) continue
      const beside =
        mask[pixel - FOOT_PX] === 1 ||
        mask[pixel + FOOT_PX] === 1 ||
        mask[pixel - FOOT_PX * width] === 1 ||
        mask[pixel + FOOT_PX * width] === 1
      if (beside) kinds[pixel] = PixelKind.edge
    }
  }
}
