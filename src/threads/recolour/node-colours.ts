import type { Lab } from '../colour/oklab.ts'
import type { Rgb } from '../colour/srgb.ts'
import type { RegionNodes, Tone } from '../protocol.ts'
import { pixelKernel } from '../kernel.ts'

/** How much of the image's shading is kept. */
const SHADE_GAIN = 0.9

/** Tones that share a palette colour are at most this far from it in lightness. */
const MAX_OFFSET = 0.12

/** Floats and words that stand for one tone in the kernel's table of targets. */
const TARGET_FIELDS = 4

/**
 * Has the kernel work out the new colours of all nodes of an image, as words for pixels of three or four bytes: red in the
 * lowest byte, then green and blue. They stay in its memory, where opaque pixels are painted with them; the view that is
 * answered is good until that grows.
 */
export function buildNodeColours(
  { keys }: RegionNodes,
  tones: readonly Tone[],
  hasBackground: boolean,
  assigned: readonly number[],
  palette: readonly Lab[],
  paletteRgb: readonly Rgb[],
): Uint32Array {
  const kernel = pixelKernel()
  const { buffer } = kernel.memory
  const targets = new Float32Array(buffer, kernel.toneTargets.value, tones.length * TARGET_FIELDS)
  const words = new Uint32Array(buffer, kernel.toneWords.value, tones.length)
  for (const [tone, role] of assigned.entries()) {
    targets.set(palette[role]!, tone * TARGET_FIELDS)
    const [red, green, blue] = paletteRgb[role]!
    words[tone] = red | (green << 8) | (blue << 16)
  }
  const offsets = new Float32Array(buffer, kernel.toneOffsets.value, tones.length)
  offsets.set(shadeOffsets(tones, assigned, hasBackground))
  const colours = new Uint32Array(buffer, kernel.paintColours.value, keys.length)
  colours.set(keys)
  kernel.colourNodes(keys.length, SHADE_GAIN)
  return colours
}

/** Of the tones that share a palette colour the background's, else the largest, has that very colour. */
function shadeOffsets(tones: readonly Tone[], assigned: readonly number[], hasBackground: boolean): number[] {
  return tones.map(({ lab }, tone) => {
    let leader = tone
    for (const [other, { share }] of tones.entries()) {
      if (assigned[other] !== assigned[tone]) continue
      if (hasBackground && leader === 0) break
      if (share > tones[leader]!.share || (hasBackground && other === 0)) leader = other
    }
    const offset = lab[0] - tones[leader]!.lab[0]
    return Math.max(-MAX_OFFSET, Math.min(MAX_OFFSET, offset))
  })
}
