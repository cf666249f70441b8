import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { FileOutline, OutputFormat, RegionAnalysis, SharedImage } from '../../../src/threads/protocol.ts'
import { encodeVariation } from '../../../src/threads/recolour/encoded-variation.ts'
import { analysisFor, outlineFiles } from '../../../src/threads/recolour/file-outline.ts'
import { pixelKernel } from '../../../src/threads/kernel.ts'
import { analyseRegions } from '../../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../../src/threads/recolour/variation.ts'
import { writeVariationFile } from '../../../src/threads/recolour/variation-file.ts'
import { drawImage, loadFixture, OCEAN } from '../picture.ts'
import { anyNodes, type PictureOfNodes } from './any-nodes.ts'
import { anyPalette, anyPicture } from './any-picture.ts'

const png = (compressionLevel: number): OutputFormat => ({ type: 'png', compressionLevel })

/** The pixels of a file, by a decoder that takes no fault for granted. */
const decode = (file: Uint8Array) => sharp(file, { failOn: 'warning' }).raw().toBuffer()

/** What an analysis tells of where the nodes are: by even runs wherever there can be one, else pixel by pixel. */
function regionsOf({ nodes, nodeCount }: PictureOfNodes): RegionAnalysis {
  const pixelNodes: number[] = []
  const evenRuns: number[] = []
  for (let at = 0; at < nodes.length;) {
    const node = nodes[at]!
    let end = at + 1
    while (nodes[end] === node) end++
    const from = Math.ceil(at / 4) * 4
    const to = end - (end % 4)
    const isRun = to - from >= 16
    for (; at < (isRun ? from : end); at++) pixelNodes.push(node)
    if (isRun) evenRuns.push(from, to, node)
    at = isRun ? to : end
  }
  return {
    pixelNodes: Uint16Array.from(pixelNodes),
    evenRuns: Uint32Array.from(evenRuns),
    nodes: { keys: new Uint32Array(nodeCount) },
    tones: [],
    hasBackground: false,
    adjacency: { size: 0, edge: new Float64Array(0), ramp: new Float64Array(0) },
  }
}

/** Puts the colours of nodes where they are when a variation is coloured: `0xBBGGRR` each. */
function putColours(colours: Uint32Array): void {
  const { memory, paintColours } = pixelKernel()
  new Uint32Array(memory.buffer, paintColours.value, colours.length).set(colours)
}

function pixelsOf({ nodes }: PictureOfNodes, colours: Uint32Array): Buffer {
  const pixels = Buffer.alloc(nodes.length * 3)
  for (const [i, node] of nodes.entries()) pixels.writeUIntLE(colours[node]!, i * 3, 3)
  return pixels
}

/** Colours of nodes, of which there may be fewer than nodes. */
const colouring = fc.record({ seed: fc.nat(), most: fc.constantFrom(1, 2, 40, 0x1000000) })

const coloursOf = (nodeCount: number, { seed, most }: { seed: number; most: number }) =>
  Uint32Array.from({ length: nodeCount }, (_, i) => {
    const place = (Math.imul(i + seed, 0x85ebca6b) >>> 0) % most
    return Math.imul(place + seed, 0x9e3779b1) >>> 8
  })

test('a file shows every pixel as it is, however the picture repeats itself', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyNodes(2_000, 60_000),
      colouring,
      fc.integer({ min: 1, max: 20 }),
      async (picture, how, attempts) => {
        const { width, height, nodeCount } = picture
        const outline = outlineFiles(width, height, regionsOf(picture), attempts)
        if (!outline) return
        const colours = coloursOf(nodeCount, how)
        putColours(colours)
        const file = writeVariationFile(width, height, outline)
        expect(Buffer.compare(await decode(file), pixelsOf(picture, colours))).toBe(0)
      },
    ),
    { numRuns: 40 },
  )
})

test('a file is whole: one stream with a checksum, between the chunks that every PNG has', async () => {
  const image = await loadFixture('logo-bazel-icon.png', 300)
  const { bytes } = await encodeVariation({
    image,
    regions: analysisFor(image, analyseRegions(image), { strength: 1, format: png(4) }),
    colors: OCEAN,
    strength: 1,
    format: png(4),
  })
  const file = Buffer.from(bytes)
  const chunks: [string, Buffer][] = []
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const start = at + 8
    chunks.push([file.toString('latin1', at + 4, start), file.subarray(start, start + file.readUInt32BE(at))])
  }
  expect(chunks.map(([type]) => type)).toEqual(['IHDR', 'IDAT', 'IEND'])
  // It throws where the checksum is wrong.
  expect(inflateSync(chunks[1]![1])).toHaveLength(300 * (300 * 3 + 1))
})

test('codes stay within what PNG allows, however rare a colour is', async () => {
  // Each colour comes as often as the two before it together: the longest codes that there are.
  const counts = [1, 1]
  while (counts.length < 24) counts.push(counts.at(-1)! + counts.at(-2)!)
  const colours = Uint32Array.from(counts, (_, i) => i * 0x010101)
  const tokens = [ROW, ...counts.flatMap((count, node) => Array<number>(count).fill(node))]
  const nodes = tokens.slice(1)
  const sums = sumsOf(nodes, colours.length)
  putColours(colours)
  const file = writeVariationFile(nodes.length, 1, { tokens: Uint32Array.from(tokens), nodeSums: sums })
  const picture = {
    width: nodes.length,
    height: 1,
    nodeCount: colours.length,
    nodes: Uint16Array.from(nodes),
  }
  expect(Buffer.compare(await decode(file), pixelsOf(picture, colours))).toBe(0)
})

/** Stands for the beginning of a row in an outline. */
const ROW = 0xffff
const ADLER_MODULUS = 65_521

/** What the checksum takes of every node of a picture of one row: its pixels, and the bytes from each on to the end. */
function sumsOf(nodes: readonly number[], nodeCount: number): Uint32Array {
  const sums = new Uint32Array(nodeCount * 2)
  for (const [i, node] of nodes.entries()) {
    sums[node * 2] = (sums[node * 2]! + 1) % ADLER_MODULUS
    sums[node * 2 + 1] = (sums[node * 2 + 1]! + 3 * (nodes.length - i)) % ADLER_MODULUS
  }
  return sums
}

describe('a variation of an opaque picture', () => {
  test('is the same whether it is written by an outline or pixel by pixel', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPicture.filter(({ channels }) => channels === 3),
        anyPalette,
        fc.integer({ min: 1, max: 9 }),
        async (image, colors, level) => {
          expect(await isAsPainted(image, colors, level)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  test.each(['emoji-1f525.png', 'logo-bazel-icon.png'])('and of a real one: %s', async (name) => {
    expect(await isAsPainted(await loadFixture(name, 500), OCEAN, 4)).toBe(true)
  })

  test('has a smaller file the higher the level is', async () => {
    const image = await loadFixture('emoji-1f525.png', 500)
    const sizes: number[] = []
    for (const level of [9, 7, 4, 1]) sizes.push((await variationOf(image, level)).length)
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
  })

  async function isAsPainted(image: SharedImage, colors: typeof OCEAN, level: number): Promise<boolean> {
    const wanted = recolour(image, analyseRegions(image), colors, 1).pixels
    const pixels = await sharp(await variationOf(image, level, colors), { failOn: 'warning' })
      .removeAlpha()
      .raw()
      .toBuffer()
    return Buffer.compare(pixels, Buffer.from(wanted)) === 0
  }

  async function variationOf(image: SharedImage, level: number, colors = OCEAN): Promise<Uint8Array> {
    const kind = { strength: 1, format: png(level) }
    const regions = analysisFor(image, analyseRegions(image), kind)
    return (await encodeVariation({ image, regions, colors, ...kind })).bytes
  }
})

describe('there is no outline', () => {
  const outlineOf = (image: SharedImage, strength = 1, format = png(4)): FileOutline | undefined =>
    analysisFor(image, analyseRegions(image), { strength, format }).outline

  test('of noise, which repeats nothing', () => {
    const noise = drawImage(256, 256, (x, y) => {
      const value = Math.imul(x * 7919 + y * 104_729 + 1, 0x9e3779b1)
      return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255]
    })
    expect(outlineOf(noise)).toBeUndefined()
  })

  test('where variations are made of the pixels themselves, in another format, or by zlib itself', async () => {
    const image = await loadFixture('emoji-1f525.png', 128)
    expect(outlineOf(image)).toBeDefined()
    expect(outlineOf(image, 0.5)).toBeUndefined()
    expect(outlineOf(image, 1, { type: 'webp', quality: 90, effort: 0 })).toBeUndefined()
    for (const level of [0, 8, 9]) expect(outlineOf(image, 1, png(level))).toBeUndefined()
    expect(outlineOf(drawImage(64, 64, () => [200, 10, 10, 128]))).toBeUndefined()
  })

  test('of another kind of variation than the picture was analysed for: that is refused', async () => {
    const image = await loadFixture('emoji-1f525.png', 128)
    const regions = analysisFor(image, analyseRegions(image), { strength: 1, format: png(4) })
    const input = { image, regions, colors: OCEAN, strength: 0.5, format: png(4) }
    await expect(encodeVariation(input)).rejects.toThrow('kind')
  })
})
