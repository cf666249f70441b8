import { labOfRgb, type Lab } from '../colour/oklab.ts'
import { markGroundShades } from './ground-shades.ts'
import { takeBackHighlights } from './highlights.ts'
import { pixelKernel } from '../kernel.ts'
import {
  colourAt,
  GroundPart,
  partDifference,
  pixelColumn,
  pixelRow,
  PixelKind,
  type SamplePlane,
} from './sample-plane.ts'

/** The region that surrounds the subject. */
export type Background = {
  /** Its most frequent colour. */
  readonly lab: Lab
  readonly rgb: number
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
export const NOISE_STEP = 5
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
export function findBackground(plane: SamplePlane): Background | undefined {
  const { columns, rows, rgb, kinds, mask } = plane
  const border = borderSamples(columns, rows)
  const value = prevailingColour(
    border.filter((sample) => kinds[sample] !== PixelKind.hidden).map((sample) => rgb[sample]!),
    border.length * MIN_BORDER_SHARE,
  )
  if (value === undefined) return undefined
  const kernel = pixelKernel()
  kernel.markAlike(value, HOLE_STEP, NOISE_STEP)
  const belongs = new Uint8Array(kernel.memory.buffer, kernel.alikeSamples(), mask.length)
  flood(mask, border, columns, belongs)
  const lab = labOfRgb(value >> 16, (value >> 8) & 255, value & 255)
  takeBackHighlights(plane, lab, belongs)
  const frontier = listedSamples(kernel.listFrontier())
  markGroundShades(
    plane,
    lab,
    Array.from(frontier, (listed) => listed >> DIRECTION_BITS),
  )
  return { lab, rgb: value, open: isOpen(plane, value) }
}

function borderSamples(columns: number, rows: number): number[] {
  const samples: number[] = []
  for (let column = 0; column < columns; column++) samples.push(column, (rows - 1) * columns + column)
  for (let row = 0; row < rows; row++) samples.push(row * columns, row * columns + columns - 1)
  return samples
}

/** The most frequent colour, counting colours that differ by noise alone as one. */
function prevailingColour(colours: readonly number[], minCount: number): number | undefined {
  const counts = new Map<number, number>()
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const candidates = [...counts].toSorted((one, other) => other[1] - one[1]).slice(0, MAX_CANDIDATES)
  let best: number | undefined
  let bestCount = minCount
  for (const [candidate] of candidates) {
    let alike = 0
    for (const [colour, count] of counts) if (partDifference(candidate, colour) <= NOISE_STEP) alike += count
    if (alike > bestCount) [best, bestCount] = [candidate, alike]
  }
  return best
}

/**
 * Sets the mask on all samples that are joined to the seeds by samples that belong (1 in `belongs`), row by row
 * of neighbours. Clears what it has visited in `belongs`.
 */
function flood(mask: Uint8Array, seeds: readonly number[], columns: number, belongs: Uint8Array): void {
  const stack = [...seeds]
  for (let seed = stack.pop(); seed !== undefined; seed = stack.pop()) {
    if (belongs[seed] === 0) continue
    const rowStart = seed - (seed % columns)
    const rowEnd = rowStart + columns
    let start = seed
    while (start > rowStart && belongs[start - 1] === 1) start--
    let end = seed + 1
    while (end < rowEnd && belongs[end] === 1) end++
    belongs.fill(0, start, end)
    mask.fill(GroundPart.ground, start, end)
    if (rowStart > 0) seedRow(stack, belongs, start - columns, end - columns)
    if (rowEnd < mask.length) seedRow(stack, belongs, start + columns, end + columns)
  }
}

/** Puts the first sample of each row of neighbours that belong on the stack. */
function seedRow(stack: number[], belongs: Uint8Array, start: number, end: number): void {
  for (let sample = start; sample < end; sample++) {
    if (belongs[sample] === 1 && (sample === start || belongs[sample - 1] === 0)) stack.push(sample)
  }
}

/** A sample of the frontier, and four bits for where it has others beside it. */
const DIRECTION_BITS = 4
const DX = [-1, 1, 0, 0] as const
const DY = [0, 0, -1, 1] as const

/** Looks a few pixels beyond the mask: what is still nearly the background there has run into it. */
function isOpen(plane: SamplePlane, background: number): boolean {
  const { columns } = plane
  let faint = 0
  let all = 0
  for (const listed of listedSamples(pixelKernel().listFrontier())) {
    const sample = listed >> DIRECTION_BITS
    const column = sample % columns
    const row = (sample / columns) | 0
    for (let direction = 0; direction < DIRECTION_BITS; direction++) {
      if ((listed & (1 << direction)) === 0) continue
      const step = stepBeyond(plane, column, row, DX[direction]!, DY[direction]!, background)
      if (step >= 0) all++
      if (step > HOLE_STEP && step <= MAX_FAINT_STEP) faint++
    }
  }
  return faint > all * MIN_FAINT_SHARE
}

/** What the kernel has listed. */
function listedSamples(count: number): Uint32Array {
  const { memory, listed } = pixelKernel()
  return new Uint32Array(memory.buffer, listed.value, count)
}

/**
 * How much the colour a few pixels beyond the background differs from it, going in a direction from one of its
 * samples; -1 where the image ends before.
 */
function stepBeyond(
  plane: SamplePlane,
  column: number,
  row: number,
  dx: number,
  dy: number,
  background: number,
): number {
  const { width, height } = plane.image
  const reachPx = Math.max(2, Math.round((FRONTIER_PX * Math.max(width, height)) / 1024))
  let x = pixelColumn(plane, column)
  let y = pixelRow(plane, row)
  for (let moved = 0; moved < plane.stridePx; moved++) {
    x += dx
    y += dy
    if (x < 0 || y < 0 || x >= width || y >= height) return -1
    if (partDifference(colourAt(plane, x, y), background) > NOISE_STEP) break
  }
  x += dx * (reachPx - 1)
  y += dy * (reachPx - 1)
  if (x < 0 || y < 0 || x >= width || y >= height) return -1
  return partDifference(colourAt(plane, x, y), background)
}

/** How far an edge's foot reaches into the background. */
const FOOT_PX = 3
/** A foot's parts differ from the background's by at most this much. */
const MAX_FOOT_STEP = 18

/**
 * The last faint pixels of an edge may look flat; beside a background without glows they are edge. Changes
 * the plane's kinds in place.
 */
export function markEdgeFeet({ rgb: background }: Background, plane: SamplePlane): void {
  const { columns, kinds } = plane
  for (const sample of listedSamples(pixelKernel().listNearGround(background, MAX_FOOT_STEP))) {
    const x = pixelColumn(plane, sample % columns)
    const y = pixelRow(plane, (sample / columns) | 0)
    if (
      isGround(plane, x - FOOT_PX, y, background) ||
      isGround(plane, x + FOOT_PX, y, background) ||
      isGround(plane, x, y - FOOT_PX, background) ||
      isGround(plane, x, y + FOOT_PX, background)
    ) {
      kinds[sample] = PixelKind.edge
    }
  }
}

function isGround(plane: SamplePlane, x: number, y: number, background: number): boolean {
  const { width, height } = plane.image
  if (x < 0 || y < 0 || x >= width || y >= height) return false
  return partDifference(colourAt(plane, x, y), background) <= HOLE_STEP
}
