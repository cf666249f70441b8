import sharp, { type Sharp } from 'sharp'
import { labOfRgb } from '../../src/threads/colour/oklab.ts'

/** Side of the square that every picture is compared on. */
export const SIDE_PX = 512

/** OKLab of every pixel, three values each, of a picture on white, scaled to the square. */
export async function labPlane(picture: Sharp): Promise<Float32Array> {
  const pixels = await picture
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .resize(SIDE_PX, SIDE_PX, { fit: 'fill' })
    .raw()
    .toBuffer()
  const labs = new Float32Array(SIDE_PX * SIDE_PX * 3)
  let last = -1
  for (let at = 0; at < labs.length; at += 3) {
    const rgb = (pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!
    if (rgb === last) labs.copyWithin(at, at - 3, at)
    else labs.set(labOfRgb(rgb >> 16, (rgb >> 8) & 255, rgb & 255), at)
    last = rgb
  }
  return labs
}

/** The same of a file in memory. */
export const labPlaneOfFile = (encoded: Uint8Array): Promise<Float32Array> => labPlane(sharp(encoded))

/** Euclidean distance between two pixels of a plane. */
export function stepBetween(labs: Float32Array, one: number, other: number): number {
  return distanceTo(labs, one, labs[other * 3]!, labs[other * 3 + 1]!, labs[other * 3 + 2]!)
}

/** Euclidean distance between a pixel of a plane and a colour. */
export function distanceTo(labs: Float32Array, pixel: number, l: number, a: number, b: number): number {
  return Math.sqrt(
    (labs[pixel * 3]! - l) ** 2 + (labs[pixel * 3 + 1]! - a) ** 2 + (labs[pixel * 3 + 2]! - b) ** 2,
  )
}
