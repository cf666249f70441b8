/**
 * Pixels of a smooth block of two tones at most: each is a mixture of them and a shade, in whole numbers. What four pixels
 * need at once, whatever the tones are, is here too.
 */
import * as block from './block'
import { edgeNode } from './edge-block'
import { base, byBlue, byGreen, byRed } from './lightness-slope'
import { SHARE_STEPS } from './mixture'
import {
  FIXED_BITS,
  FIXED_ONE,
  nodeOfFixed,
  nodeOfKey,
  ROUNDED_OFFSET,
  SHADE_BITS,
  SHADE_OFFSET,
} from './node-table'
import { bytesOf, channels, nodeOf as nodeAddress } from './plane'
import { DEAD_STEPS } from './tones'

/**
 * A pixel between smooth samples may differ this much from the first of them in any part, and less where that is dark:
 * lightness is as good as straight only over half of what there is of light.
 */
const MAX_STEP: i32 = 42
const DARK_STEP: i32 = 4
/** A difference of lightness up to this is noise: {@link DEAD_STEPS} times FIXED_ONE. */
export const DEAD: i32 = <i32>DEAD_STEPS * FIXED_ONE

/** The mixtures on the way from the lower to the higher of two tones, and their lightness, i32 each. */
export const between: usize = memory.data((SHARE_STEPS + 1) * 4, 16)
export const betweenLightness: usize = memory.data((SHARE_STEPS + 1) * 4, 16)

/** The lowest parts that a pixel of the block may have, and how much more it may have of each. */
let lowRed: i32 = 0
let lowGreen: i32 = 0
let lowBlue: i32 = 0
let range: i32 = 0

/** Says which `0xRRGGBB` colour the pixels of the block are near to. */
export function allowNear(colour: i32): void {
  const red = colour >> 16
  const green = (colour >> 8) & 255
  const blue = colour & 255
  const step = min(MAX_STEP, DARK_STEP + (max(red, max(green, blue)) >> 1))
  lowRed = red - step
  lowGreen = green - step
  lowBlue = blue - step
  range = 2 * step
}

/** Whether a colour is not near to that of the block. */
export function isFar(red: i32, green: i32, blue: i32): bool {
  // A part below its range becomes a large number, so that one comparison sees both ends.
  return (
    ((<i32>(<u32>(red - lowRed) > <u32>range)) |
      (<i32>(<u32>(green - lowGreen) > <u32>range)) |
      (<i32>(<u32>(blue - lowBlue) > <u32>range))) !=
    0
  )
}

/** Sorts some pixels of a row; the share (with its fraction) is that of the first and grows from each to the next. */
export function sortEach(first: i32, count: i32, firstShare: i32, growthPx: i32): void {
  let share = firstShare
  let at = bytesOf(first)
  let node = nodeAddress(first)
  const end = node + ((<usize>count) << 1)
  while (node < end) {
    const red = <i32>load<u8>(at)
    const green = <i32>load<u8>(at, 1)
    const blue = <i32>load<u8>(at, 2)
    if (isFar(red, green, blue)) {
      store<u16>(node, <u16>edgeNode(block.column, block.row, (red << 16) | (green << 8) | blue))
    } else {
      const steps = (<usize>(share >> FIXED_BITS)) << 2
      const off = base + byRed * red + byGreen * green + byBlue * blue - load<i32>(betweenLightness + steps)
      const shade = off - min(DEAD, max(-DEAD, off))
      store<u16>(node, <u16>nodeOfFixed(load<i32>(between + steps), shade))
    }
    share += growthPx
    at += <usize>channels
    node += 2
  }
}

/** The same for four pixels at once. */
export function sortFour(first: i32, share: i32, growthPx: i32): void {
  if (!takeFour(first)) {
    sortEach(first, 4, share, growthPx)
    return
  }
  let mixtures: v128
  let lightness: v128
  if (growthPx == 0) {
    const steps = (<usize>(share >> FIXED_BITS)) << 2
    mixtures = v128.load32_splat(between + steps)
    lightness = v128.load32_splat(betweenLightness + steps)
  } else {
    const one = (<usize>(share >> FIXED_BITS)) << 2
    const two = (<usize>((share + growthPx) >> FIXED_BITS)) << 2
    const three = (<usize>((share + 2 * growthPx) >> FIXED_BITS)) << 2
    const four = (<usize>((share + 3 * growthPx) >> FIXED_BITS)) << 2
    mixtures = fourOf(between, one, two, three, four)
    lightness = fourOf(betweenLightness, one, two, three, four)
  }
  v128.store(fourMixtures, mixtures)
  v128.store(fourLightness, lightness)
  storeFour(first)
}

/** Lightness of the four pixels that were taken last, by their parts. */
let lightnessOfFour: v128 = i32x4.splat(0)
/** Where the mixtures of the four are put, and the lightness of these, i32 each. */
export const fourMixtures: usize = memory.data(16, 16)
export const fourLightness: usize = memory.data(16, 16)

/** Takes the colours of four pixels; false when one of them is not near to that of the block. */
export function takeFour(first: i32): bool {
  const bytes = v128.load(bytesOf(first))
  // Four pixels of three bytes, or of four: each part is brought to the lowest byte of a lane.
  const reds =
    channels == 3
      ? i8x16.swizzle(bytes, i8x16(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1))
      : v128.and(bytes, i32x4.splat(255))
  const greens =
    channels == 3
      ? i8x16.swizzle(bytes, i8x16(1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1))
      : v128.and(i32x4.shr_u(bytes, 8), i32x4.splat(255))
  const blues =
    channels == 3
      ? i8x16.swizzle(bytes, i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1))
      : v128.and(i32x4.shr_u(bytes, 16), i32x4.splat(255))
  const most = i32x4.splat(range)
  const far = v128.or(
    v128.or(
      i32x4.gt_u(i32x4.sub(reds, i32x4.splat(lowRed)), most),
      i32x4.gt_u(i32x4.sub(greens, i32x4.splat(lowGreen)), most),
    ),
    i32x4.gt_u(i32x4.sub(blues, i32x4.splat(lowBlue)), most),
  )
  if (v128.any_true(far)) return false
  lightnessOfFour = i32x4.add(
    i32x4.add(i32x4.splat(base), i32x4.mul(i32x4.splat(byRed), reds)),
    i32x4.add(i32x4.mul(i32x4.splat(byGreen), greens), i32x4.mul(i32x4.splat(byBlue), blues)),
  )
  return true
}

/** Gives the four pixels that were taken last their nodes, by the mixtures that were put for them. */
export function storeFour(first: i32): void {
  const off = i32x4.sub(lightnessOfFour, v128.load(fourLightness))
  const noise = i32x4.min_s(i32x4.splat(DEAD), i32x4.max_s(i32x4.splat(-DEAD), off))
  const keys = keysOfFixed(v128.load(fourMixtures), i32x4.sub(off, noise))
  const node = nodeAddress(first)
  const own = <u16>nodeOfKey(i32x4.extract_lane(keys, 0))
  // Pixels side by side mostly show the same.
  if (i32x4.all_true(i32x4.eq(keys, i32x4.shuffle(keys, keys, 0, 0, 0, 0)))) {
    store<u64>(node, <u64>own * 0x0001000100010001)
    return
  }
  store<u16>(node, own)
  store<u16>(node, <u16>nodeOfKey(i32x4.extract_lane(keys, 1)), 2)
  store<u16>(node, <u16>nodeOfKey(i32x4.extract_lane(keys, 2)), 4)
  store<u16>(node, <u16>nodeOfKey(i32x4.extract_lane(keys, 3)), 6)
}

/** The keys of four mixtures and shades, as the table of nodes makes them. */
function keysOfFixed(mixtures: v128, shades: v128): v128 {
  const parts = i32x4.shr_s(i32x4.add(shades, i32x4.splat(ROUNDED_OFFSET)), FIXED_BITS)
  const clipped = i32x4.max_s(i32x4.splat(0), i32x4.min_s(i32x4.splat(2 * SHADE_OFFSET - 1), parts))
  return v128.or(i32x4.shl(mixtures, SHADE_BITS), clipped)
}

/** Four numbers of a table, i32, by their addresses in it. */
function fourOf(table: usize, one: usize, two: usize, three: usize, four: usize): v128 {
  let numbers = v128.load32_zero(table + one)
  numbers = v128.load_lane<i32>(table + two, numbers, 1)
  numbers = v128.load_lane<i32>(table + three, numbers, 2)
  return v128.load_lane<i32>(table + four, numbers, 3)
}
