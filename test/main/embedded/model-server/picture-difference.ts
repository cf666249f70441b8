import sharp from 'sharp'

/** Mean difference of two pictures of one size over all pixels and channels, 0 to 255. */
export async function meanDifference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([one, other].map((png) => sharp(png).removeAlpha().raw().toBuffer()))
  if (!a || a.length !== b?.length) throw new Error('the pictures differ in size')
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum / a.length
}

/** The colour of one pixel. */
export async function pixelAt(png: Uint8Array, x: number, y: number): Promise<number[]> {
  return [
    ...(await sharp(png).removeAlpha().extract({ left: x, top: y, width: 1, height: 1 }).raw().toBuffer()),
  ]
}
