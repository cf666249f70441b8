/** Which samples show a colour of the subject for itself, and how many there are of a kind. */
import {
  columns,
  edgeFrom,
  edgeLike,
  edgeSamples,
  FLAT,
  HIDDEN,
  kinds,
  mask,
  GROUND,
  NO_GROUND,
  nearestTones,
  rows,
} from './plane'

/**
 * Chooses the samples beside the background that show their colour for themselves: those of flat places, and of the edge
 * samples those that are neither mixed nor like another. Where they are fewer than a share of the visible ones, all of
 * those are chosen. Returns the address of 1 for each that is, u8, good until the samples are mixed.
 */
export function chooseOwn(edges: i32, minShare: f64): usize {
  const own = nearestTones
  const samples = <usize>(columns * rows)
  let visible = 0
  let chosen = 0
  for (let sample: usize = 0; sample < samples; sample++) {
    const isOwn = i32(isVisible(sample)) & i32(<i32>load<u8>(kinds + sample) == FLAT)
    visible += i32(isVisible(sample))
    chosen += isOwn
    store<u8>(own + sample, <u8>isOwn)
  }
  for (let edge: usize = 0; edge < (<usize>edges) << 2; edge += 4) {
    if (load<i32>(edgeFrom + edge) >= 0 || load<i32>(edgeLike + edge) >= 0) continue
    store<u8>(own + load<u32>(edgeSamples + edge), 1)
    chosen++
  }
  if (<f64>chosen < <f64>visible * minShare) {
    for (let sample: usize = 0; sample < samples; sample++) store<u8>(own + sample, u8(isVisible(sample)))
  }
  return own
}

/** Whether a sample shows something beside the background. */
export function isVisible(sample: usize): bool {
  return (i32(<i32>load<u8>(kinds + sample) != HIDDEN) & i32(load<u8>(mask + sample) == NO_GROUND)) != 0
}

/** How many samples are of the background. */
export function countGround(): i32 {
  let count = 0
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++)
    count += i32(load<u8>(mask + sample) == GROUND)
  return count
}

/** Share of the visible samples that lie in flat or smoothly shaded places, the background among them. */
export function smoothShare(): f64 {
  const samples = <usize>(columns * rows)
  let visible = 0
  let smooth = 0
  let sample: usize = 0
  for (; sample + 16 <= samples; sample += 16) {
    const kind = v128.load(kinds + sample)
    const isGround = i8x16.ne(v128.load(mask + sample), i8x16.splat(0))
    visible += popcnt(i8x16.bitmask(i8x16.ne(kind, i8x16.splat(<i8>HIDDEN))))
    smooth += popcnt(i8x16.bitmask(v128.or(i8x16.eq(kind, i8x16.splat(<i8>FLAT)), isGround)))
  }
  for (; sample < samples; sample++) {
    const kind = <i32>load<u8>(kinds + sample)
    visible += i32(kind != HIDDEN)
    smooth += i32(kind == FLAT) | i32(load<u8>(mask + sample) != NO_GROUND)
  }
  return <f64>smooth / <f64>visible
}
