import type { ColourIndex } from './colour-index.ts'
import { mixtureOfColour, type Memberships } from './memberships.ts'
import type { MixedPixels } from './edge-pixels.ts'
import type { RegionNodes, Tone } from '../protocol.ts'
import {
  MIX_STEPS,
  NodeRegistry,
  packMixture,
  SHADE_STEPS,
  SHARE_STEPS,
  shareB,
  shareC,
  toneA,
  toneB,
  toneC,
} from './node-registry.ts'
import { PixelKind } from './pixel-kinds.ts'
import type { ToneGrid } from './tone-grid.ts'

/** What is known of an image when its pixels are sorted into nodes. */
export type NodeSources = {
  readonly index: ColourIndex
  readonly kinds: Uint8Array
  readonly tones: readonly Tone[]
  readonly memberships: Memberships
  /** 1 for each pixel of the background; tone 0 is the background's then. */
  readonly background: Uint8Array | undefined
  readonly grid: ToneGrid
  /** Edge pixels that are no mixture, each followed by the pixel that it is most like. */
  readonly unmixed: Uint32Array
  readonly mixed: MixedPixels
}

/** Every pixel's node, in shared memory, and what the nodes are. */
export type SortedPixels = { readonly nodeOfPixel: Uint16Array; readonly nodes: RegionNodes }

/** Colours that lie off their tone by less than this (OKLab lightness) are the tone itself. */
const DEAD_ZONE = 0.008
/** A cell of the grid speaks for a pixel whose colour is nearer than this to its own (OKLab). */
const MAX_CELL_DISTANCE = 0.06
/** The same for a pixel whose nearest cells are unknown. */
const MAX_AROUND_DISTANCE = 0.12
/** Below this sum of cell weights the grid does not know a pixel. */
const MIN_CELL_WEIGHT = 0.02
/** An edge pixel takes the tones of its like up to this distance (OKLab), beyond it is a thing of its own. */
const MAX_LIKE_DISTANCE = 0.2

/** Sorts every pixel into a node; an image with very many nodes gets coarser ones. */
export function findPixelNodes(sources: NodeSources): SortedPixels {
  for (let grain = 1; ; grain *= 2) {
    const registry = new NodeRegistry(grain)
    const nodeOfPixel = sortPixels(sources, registry)
    if (registry.full) continue
    blendMixed(sources.mixed, registry, nodeOfPixel)
    return { nodeOfPixel, nodes: registry.finish() }
  }
}

/** Puts the pixels that antialiasing has mixed between the nodes of their two sides. */
function blendMixed(mixed: MixedPixels, registry: NodeRegistry, nodeOfPixel: Uint16Array): void {
  const nodes = new Uint16Array(mixed.count)
  for (let i = 0; i < mixed.count; i++) {
    const position = Math.round((mixed.share[i]! * MIX_STEPS) / 255)
    nodes[i] = registry.blend(nodeOfPixel[mixed.from[i]!]!, nodeOfPixel[mixed.to[i]!]!, position)
  }
  // A mixed pixel may be a side of another, so none is changed before all are known.
  for (let i = 0; i < mixed.count; i++) nodeOfPixel[mixed.pixel[i]!] = nodes[i]!
}

function sortPixels(sources: NodeSources, registry: NodeRegistry): Uint16Array {
  const { index, kinds, tones, memberships, background, grid, unmixed } = sources
  const { width, height, labs, count } = index
  const { cellPx, columns, rows } = grid
  const ofPixel = new Uint16Array(new SharedArrayBuffer(width * height * 2))
  registry.node(packMixture(0, 0, 0, 0, 0), 0)
  const nodeOfColour = new Int32Array(count).fill(-1)
  const nodeOfPure = new Int32Array(count * tones.length).fill(-1)
  const mix = new Float64Array(tones.length)
  const lightness = Float64Array.from(tones, ({ lab }) => lab[0])
  const ofColour = index.ofPixel
  const { first } = memberships
  const gridX = Float64Array.from({ length: width }, (_, x) => gridPlace(x, cellPx, columns))
  /** The one tone that the four cells around a place in the row hold alone, or -1, by the left cell. */
  const pureOfRow = new Int8Array(columns)
  let lastTop = -1
  let lastColour = -1
  let lastPure = -1
  let lastNode = 0
  for (let y = 0, pixel = 0; y < height; y++) {
    const gridY = gridPlace(y, cellPx, rows)
    const top = Math.floor(gridY)
    const topRow = top * columns
    const bottomRow = Math.min(rows - 1, top + 1) * columns
    const fromTop = gridY - top
    if (top !== lastTop) {
      lastTop = top
      for (let left = 0; left < columns; left++) {
        const right = Math.min(columns - 1, left + 1)
        pureOfRow[left] = pureTone(topRow + left, topRow + right, bottomRow + left, bottomRow + right)
      }
    }
    for (let x = 0; x < width; x++, pixel++) {
      if (background !== undefined && background[pixel] === 1) {
        // The table starts out with node 0, the background's: its pixels are skipped in one go.
        const next = background.indexOf(0, pixel + 1)
        const skipped = Math.min(width - x, (next < 0 ? background.length : next) - pixel) - 1
        x += skipped
        pixel += skipped
        continue
      }
      const colour = ofColour[pixel]!
      if (kinds[pixel] !== PixelKind.flat) {
        ofPixel[pixel] = byColour(colour)
        continue
      }
      const across = gridX[x]!
      const left = across | 0
      const pure = pureOfRow[left]!
      if (pure >= 0 && pure === first[colour]) {
        if (colour !== lastColour || pure !== lastPure) {
          lastColour = colour
          lastPure = pure
          lastNode = byTone(colour, pure)
        }
        ofPixel[pixel] = lastNode
        continue
      }
      const right = Math.min(columns - 1, left + 1)
      const fromLeft = across - left
      mix.fill(0)
      let weight =
        take(topRow + left, (1 - fromLeft) * (1 - fromTop), colour, MAX_CELL_DISTANCE) +
        take(topRow + right, fromLeft * (1 - fromTop), colour, MAX_CELL_DISTANCE) +
        take(bottomRow + left, (1 - fromLeft) * fromTop, colour, MAX_CELL_DISTANCE) +
        take(bottomRow + right, fromLeft * fromTop, colour, MAX_CELL_DISTANCE)
      if (weight < MIN_CELL_WEIGHT) weight = takeAround(left, top, colour)
      ofPixel[pixel] = weight < MIN_CELL_WEIGHT ? byColour(colour) : nodeOf(colour, strongest(mix))
    }
  }
  for (let i = 0; i < unmixed.length; i += 2) {
    const pixel = unmixed[i]!
    const like = unmixed[i + 1]!
    if (like === pixel) continue
    const colour = index.ofPixel[pixel]!
    if (squaredDistance(labs, colour, labs, index.ofPixel[like]!) > MAX_LIKE_DISTANCE ** 2) continue
    ofPixel[pixel] = nodeOf(colour, registry.mixtureOf(ofPixel[like]!))
  }
  return ofPixel

  /** The one tone that all four cells hold alone, or -1. */
  function pureTone(one: number, two: number, three: number, four: number): number {
    const tone = grid.pure[one]!
    return tone === grid.pure[two] && tone === grid.pure[three] && tone === grid.pure[four] ? tone : -1
  }

  /** Adds a cell's tones to the mix, by nearness and by likeness to the pixel's colour. */
  function take(cell: number, nearness: number, colour: number, maxDistance: number): number {
    if (grid.known[cell] === 0) return 0
    const likeness = 1 - squaredDistance(grid.labs, cell, labs, colour) / (maxDistance * maxDistance)
    if (likeness <= 0) return 0
    const weight = nearness * likeness * likeness
    for (let tone = 0; tone < mix.length; tone++) mix[tone]! += weight * grid.shares[tone]![cell]!
    return weight
  }

  /** Beside an edge the nearest cells may be unknown: asks all cells around, the less like ones too. */
  function takeAround(column: number, row: number, colour: number): number {
    let weight = 0
    mix.fill(0)
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 2); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 2); x++) {
        weight += take(y * columns + x, 1, colour, MAX_AROUND_DISTANCE)
      }
    }
    return weight
  }

  /** The node of a colour in a mixture: what is left of its lightness is its shade. */
  function nodeOf(colour: number, mixture: number): number {
    const b = shareB(mixture)
    const c = shareC(mixture)
    const expected =
      (SHARE_STEPS - b - c) * lightness[toneA(mixture)]! +
      b * lightness[toneB(mixture)]! +
      c * lightness[toneC(mixture)]!
    const off = labs[colour * 3]! - expected / SHARE_STEPS
    const shade = off > DEAD_ZONE ? off - DEAD_ZONE : off < -DEAD_ZONE ? off + DEAD_ZONE : 0
    return registry.node(mixture, Math.round(shade * SHADE_STEPS))
  }

  function byTone(colour: number, tone: number): number {
    const at = colour * tones.length + tone
    if (nodeOfPure[at]! < 0) nodeOfPure[at] = nodeOf(colour, packMixture(tone, tone, tone, 0, 0))
    return nodeOfPure[at]!
  }

  /** A pixel that the grid does not know takes the tones of its colour. */
  function byColour(colour: number): number {
    if (nodeOfColour[colour]! < 0) nodeOfColour[colour] = nodeOf(colour, mixtureOfColour(memberships, colour))
    return nodeOfColour[colour]!
  }
}

/** Where a pixel lies between the centres of the cells, in cells. */
function gridPlace(pixel: number, cellPx: number, cells: number): number {
  return Math.max(0, Math.min(cells - 1, (pixel + 0.5) / cellPx - 0.5))
}

/** The three strongest parts of a mix of tones, packed. */
function strongest(mix: Float64Array): number {
  let a = 0
  let b = -1
  let c = -1
  for (let tone = 1; tone < mix.length; tone++) {
    if (mix[tone]! > mix[a]!) {
      c = b
      b = a
      a = tone
    } else if (b < 0 || mix[tone]! > mix[b]!) {
      c = b
      b = tone
    } else if (c < 0 || mix[tone]! > mix[c]!) c = tone
  }
  const weightB = b < 0 ? 0 : mix[b]!
  const weightC = c < 0 ? 0 : mix[c]!
  const sum = mix[a]! + weightB + weightC
  const partB = Math.round((weightB / sum) * SHARE_STEPS)
  const partC = Math.round((weightC / sum) * SHARE_STEPS)
  return packMixture(a, b, c, partB, partC)
}

function squaredDistance(
  ones: Float32Array | Float64Array,
  one: number,
  others: Float64Array,
  other: number,
): number {
  const l = ones[one * 3]! - others[other * 3]!
  const a = ones[one * 3 + 1]! - others[other * 3 + 1]!
  const b = ones[one * 3 + 2]! - others[other * 3 + 2]!
  return l * l + a * a + b * b
}
