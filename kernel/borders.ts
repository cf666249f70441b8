/** Where two tones lie side by side. */
import { columns, FLAT, kinds, listed, nearestTones, rows } from './plane'

/**
 * Lists where flat samples of two tones lie side by side: the number of the first times two, and one more where the other
 * is below it and not at its right. Returns how many there are.
 */
export function listBorders(): i32 {
  let sample: usize = 0
  let count: usize = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (<i32>load<u8>(kinds + sample) == FLAT) {
        if (column < columns - 1 && isBorder(sample, sample + 1)) {
          store<u32>(listed + (count << 2), (<u32>sample) << 1)
          count++
        }
        if (row < rows - 1 && isBorder(sample, sample + columns)) {
          store<u32>(listed + (count << 2), ((<u32>sample) << 1) | 1)
          count++
        }
      }
      sample++
    }
  }
  return <i32>count
}

function isBorder(one: usize, other: usize): bool {
  return (
    load<u8>(nearestTones + one) != load<u8>(nearestTones + other) && <i32>load<u8>(kinds + other) == FLAT
  )
}
