/** Paints opaque pixels in the colours of their nodes, part by part of the image. */
import { RUN_BYTES } from './plane'

/** Pixels that are painted at a time at most, a multiple of sixteen; an even run has at least sixteen. */
const MAX_PIXELS: i32 = 1 << 15
const MAX_RUNS: i32 = (MAX_PIXELS >> 4) + 1
const MAX_NODES: i32 = 1 << 16
/** Nodes may begin a little later, so that they are copied word by word. */
const LEAD_NODES: i32 = 4

/** Colour of each node, u32: red in the lowest byte, then green and blue. */
export const paintColours: usize = memory.data(MAX_NODES * 4, 16)
/** Nodes of the part's pixels beside even runs, u16. */
export const paintNodes: usize = memory.data((MAX_PIXELS + LEAD_NODES) * 2, 16)
/** The even runs that reach into the part. */
export const paintRuns: usize = memory.data(MAX_RUNS * 12, 16)

/**
 * Paints the pixels from one to another (numbers in the image, the first a multiple of sixteen) with three bytes each,
 * from an address on; their nodes lie from the place `lead` of `paintNodes` on.
 */
export function paint(start: i32, end: i32, runs: i32, lead: i32, target: usize): void {
  let node = paintNodes + ((<usize>lead) << 1)
  let pixel = start
  let to = target
  for (let each = 0; each < runs; each++) {
    const run = paintRuns + <usize>each * RUN_BYTES
    const first = max(pixel, load<i32>(run))
    const last = min(end, load<i32>(run, 4))
    paintPixels(to, node, first - pixel)
    node += (<usize>(first - pixel)) << 1
    to += <usize>((first - pixel) * 3)
    paintRun(to, last - first, load<u32>(paintColours + ((<usize>load<u32>(run, 8)) << 2)))
    to += <usize>((last - first) * 3)
    pixel = last
  }
  paintPixels(to, node, end - pixel)
}

function colourOf(node: usize, place: usize): u64 {
  return load<u32>(paintColours + ((<usize>load<u16>(node + (place << 1))) << 2))
}

/** Eight pixels make three words of eight bytes. */
function paintPixels(to: usize, nodes: usize, count: i32): void {
  const end = nodes + ((<usize>count) << 1)
  let node = nodes
  let at = to
  while (node + 16 <= end) {
    const c2 = colourOf(node, 2)
    const c5 = colourOf(node, 5)
    store<u64>(at, colourOf(node, 0) | (colourOf(node, 1) << 24) | (c2 << 48))
    store<u64>(at, (c2 >> 16) | (colourOf(node, 3) << 8) | (colourOf(node, 4) << 32) | (c5 << 56), 8)
    store<u64>(at, (c5 >> 8) | (colourOf(node, 6) << 16) | (colourOf(node, 7) << 40), 16)
    node += 16
    at += 24
  }
  while (node < end) {
    const colour = <u32>colourOf(node, 0)
    store<u16>(at, <u16>colour)
    store<u8>(at, <u8>(colour >> 16), 2)
    node += 2
    at += 3
  }
}

/** A run of a multiple of four pixels. Sixteen of one colour are three vectors. */
function paintRun(to: usize, count: i32, colour: u32): void {
  const one = colour | (colour << 24)
  const two = (colour >> 8) | (colour << 16)
  const three = (colour >> 16) | (colour << 8)
  const first = i32x4.replace_lane(
    i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(one), 1, two), 2, three),
    3,
    one,
  )
  const second = i32x4.replace_lane(
    i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(two), 1, three), 2, one),
    3,
    two,
  )
  const third = i32x4.replace_lane(
    i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(three), 1, one), 2, two),
    3,
    three,
  )
  const end = to + <usize>(count * 3)
  let at = to
  while (at + 48 <= end) {
    v128.store(at, first)
    v128.store(at, second, 16)
    v128.store(at, third, 32)
    at += 48
  }
  while (at < end) {
    store<u32>(at, one)
    store<u32>(at, two, 4)
    store<u32>(at, three, 8)
    at += 12
  }
}
