import sharp from 'sharp'
import type { Canvas } from './canvas.ts'

/** A colour with 0 to 255 a channel. */
export type Rgb = readonly [number, number, number]

/** The flat colour around a figure, from the edges of the picture inwards. */
export type Surround = {
  readonly color: Rgb
  /** For every pixel how much of it is surround, 0 to 255; soft where the figure's edge is. */
  readonly cover: Uint8Array
}

/** A pixel this close to the surround's colour belongs to it; greatest difference of a channel. */
const SAME = 14
/** Soft shadows belong to it as well: they are reached in small steps, up to a bound. */
const SMOOTH_STEP = 4
const SHADOW_BOUND = 96

/** Share of the edge that must have one colour for the picture to have a surround. */
const MIN_EDGE_SHARE = 0.6

/** Finds the surround by filling from the edges; null for a picture whose edges have no common colour. */
export function findSurround(canvas: Canvas): Surround | null {
  const color = edgeColor(canvas)
  const edge = edgePixels(canvas)
  const agreeing = edge.filter((pixel) => difference(canvas.pixels, pixel * 3, color) <= SAME)
  if (agreeing.length < edge.length * MIN_EDGE_SHARE) return null
  return { color, cover: softened(canvas, color, fill(canvas, color)) }
}

const difference = (pixels: Buffer, at: number, [r, g, b]: Rgb) =>
  Math.max(Math.abs(pixels[at]! - r), Math.abs(pixels[at + 1]! - g), Math.abs(pixels[at + 2]! - b))

function edgePixels({ width, height }: Canvas): number[] {
  const edge: number[] = []
  for (let x = 0; x < width; x++) edge.push(x, (height - 1) * width + x)
  for (let y = 1; y < height - 1; y++) edge.push(y * width, y * width + width - 1)
  return edge
}

/** The median of the picture's edge, channel by channel. */
export function edgeColor(canvas: Canvas): Rgb {
  const edge = edgePixels(canvas)
  const median = (channel: number) => {
    const values = edge.map((pixel) => canvas.pixels[pixel * 3 + channel]!).toSorted((a, b) => a - b)
    return values[values.length >> 1]!
  }
  return [median(0), median(1), median(2)]
}

/** What filling from the edges has reached, as 1, and the pixels of the figure where it had to stop. */
type Filled = { readonly inside: Uint8Array; readonly rim: readonly number[] }

function fill(canvas: Canvas, color: Rgb): Filled {
  const { width, height, pixels } = canvas
  const inside = new Uint8Array(width * height)
  const queue = new Int32Array(width * height)
  const rim = new Set<number>()
  let length = 0
  for (const pixel of edgePixels(canvas)) {
    if (inside[pixel] === 0 && difference(pixels, pixel * 3, color) <= SAME) {
      inside[pixel] = 1
      queue[length++] = pixel
    }
  }
  const belongs = (pixel: number, from: number) => {
    const away = difference(pixels, pixel * 3, color)
    if (away <= SAME) return true
    if (away > SHADOW_BOUND) return false
    const at = from * 3
    return difference(pixels, pixel * 3, [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!]) <= SMOOTH_STEP
  }
  const visit = (pixel: number, from: number) => {
    if (inside[pixel] === 1) return
    if (!belongs(pixel, from)) {
      rim.add(pixel)
      return
    }
    inside[pixel] = 1
    queue[length++] = pixel
  }
  for (let head = 0; head < length; head++) {
    const pixel = queue[head]!
    const x = pixel % width
    if (x > 0) visit(pixel - 1, pixel)
    if (x < width - 1) visit(pixel + 1, pixel)
    if (pixel >= width) visit(pixel - width, pixel)
    if (pixel < width * (height - 1)) visit(pixel + width, pixel)
  }
  return { inside, rim: [...rim] }
}

/** Pixels around one that an antialiased edge can spread over. */
const SOFT_REACH_PX = 2

/**
 * The filled pixels as full cover. A pixel beside them is a blend of figure and surround; its share of surround
 * is how far it has come from the figure, whose colour is that of the most different pixel nearby.
 */
function softened({ width, height, pixels }: Canvas, color: Rgb, { inside, rim }: Filled): Uint8Array {
  const cover = Uint8Array.from(inside, (value) => value * 255)
  for (const pixel of rim) {
    if (inside[pixel] === 1) continue
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    let farthest = 1
    for (let ny = Math.max(0, y - SOFT_REACH_PX); ny <= Math.min(height - 1, y + SOFT_REACH_PX); ny++) {
      for (let nx = Math.max(0, x - SOFT_REACH_PX); nx <= Math.min(width - 1, x + SOFT_REACH_PX); nx++) {
        farthest = Math.max(farthest, difference(pixels, (ny * width + nx) * 3, color))
      }
    }
    cover[pixel] = Math.round(255 * (1 - difference(pixels, pixel * 3, color) / farthest))
  }
  return cover
}

/** Gives the surround another colour; shadows on it stay. */
export function paintSurround(canvas: Canvas, { color, cover }: Surround, to: Rgb): Canvas {
  const out = Buffer.from(canvas.pixels)
  for (let pixel = 0; pixel < cover.length; pixel++) {
    const share = cover[pixel]! / 255
    if (share === 0) continue
    for (let channel = 0; channel < 3; channel++) {
      const at = pixel * 3 + channel
      out[at] = Math.min(255, Math.max(0, Math.round(out[at]! + (to[channel]! - color[channel]!) * share)))
    }
  }
  return { ...canvas, pixels: out }
}

/** The figure of `edited` with the surround of `original`. */
export function keepSurround(original: Canvas, edited: Canvas, { cover }: Surround): Canvas {
  const out = Buffer.from(edited.pixels)
  for (let pixel = 0; pixel < cover.length; pixel++) {
    const share = cover[pixel]! / 255
    if (share === 0) continue
    for (let at = pixel * 3; at < pixel * 3 + 3; at++) {
      out[at] = Math.round(edited.pixels[at]! * (1 - share) + original.pixels[at]! * share)
    }
  }
  return { ...edited, pixels: out }
}

/** Lays a soft shadow of the figure on the surround, below it. */
export async function castShadow(canvas: Canvas, { cover }: Surround): Promise<Canvas> {
  const { width, height } = canvas
  const side = Math.min(width, height)
  const figure = Buffer.alloc(width * height)
  const drop = Math.round(side * 0.022)
  for (let y = drop; y < height; y++) {
    for (let x = 0; x < width; x++) figure[y * width + x] = 255 - cover[(y - drop) * width + x]!
  }
  const soft = await sharp(figure, { raw: { width, height, channels: 1 } })
    .blur(Math.max(1, side * 0.016))
    .extractChannel(0)
    .raw()
    .toBuffer()
  const out = Buffer.from(canvas.pixels)
  for (let pixel = 0; pixel < cover.length; pixel++) {
    const keep = 1 - (0.55 * soft[pixel]! * cover[pixel]!) / (255 * 255)
    for (let at = pixel * 3; at < pixel * 3 + 3; at++) out[at] = Math.round(out[at]! * keep)
  }
  return { ...canvas, pixels: out }
}
