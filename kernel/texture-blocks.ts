/**
 * The pixels of an image that is all texture, as noise is: they are sorted by their colour alone, since what is around
 * them says nothing. There are too many colours to look at each: those that are alike share the node of the first.
 */
import * as block from './block'
import { ownLab, ownLightness, setLab } from './lab-table'
import { nodeOf as nodeOfShade, SHADE_STEPS } from './node-table'
import { bytesOf, channels, colourAt, nodeOf as nodeAddress, width } from './plane'
import { lightnessOfMixture, mixtureOfLab, withoutNoise } from './tones'

/** Bits of each part by which colours are told apart. */
const PART_BITS: i32 = 5
const DROPPED_BITS: i32 = 8 - PART_BITS
const PART_MASK: i32 = (1 << PART_BITS) - 1
const KNOWN_BYTES: i32 = 2 << (3 * PART_BITS)

/** Number of each colour's node, plus one, u16; 0 where it is not known yet. */
const known: usize = memory.data(KNOWN_BYTES, 16)

/** Forgets the last image. */
export function resetTexture(): void {
  memory.fill(known, 0, KNOWN_BYTES)
}

/** Sorts all pixels of the block at hand. */
export function sortTexture(): void {
  for (let y = block.y0; y < block.y1; y++) {
    let at = bytesOf(y * width + block.x0)
    let to = nodeAddress(y * width + block.x0)
    for (let x = block.x0; x < block.x1; x++) {
      store<u16>(to, <u16>nodeOfAlike(colourAt(at)))
      at += channels
      to += 2
    }
  }
}

function nodeOfAlike(colour: i32): i32 {
  const key =
    (((colour >> (16 + DROPPED_BITS)) & PART_MASK) << (2 * PART_BITS)) |
    (((colour >> (8 + DROPPED_BITS)) & PART_MASK) << PART_BITS) |
    ((colour >> DROPPED_BITS) & PART_MASK)
  const place = known + ((<usize>key) << 1)
  let number = <i32>load<u16>(place)
  if (number == 0) {
    setLab(colour)
    const mixture = mixtureOfLab(ownLab)
    number =
      nodeOfShade(mixture, withoutNoise(ownLightness() * SHADE_STEPS - lightnessOfMixture(mixture))) + 1
    store<u16>(place, <u16>number)
  }
  return number - 1
}
