import { expect, test } from 'vitest'
import { labDistance } from '../../../src/threads/colour/oklab.ts'
import { analyseRegions } from '../../../src/threads/recolour/region-analysis.ts'
import { drawImage, labOfHex, loadFixture } from '../picture.ts'

test('the flat colours of a logo are its tones, the background first', async () => {
  const regions = analyseRegions(await loadFixture('logo-bazel-icon.png', 512))
  expect(regions.hasBackground).toBe(true)
  const wanted = ['#FFFFFF', '#76D275', '#43A047', '#00701A', '#004300']
  expect(regions.tones).toHaveLength(wanted.length)
  for (const hex of wanted) {
    const distances = regions.tones.map((tone) => labDistance(tone.lab, labOfHex(hex)))
    expect(Math.min(...distances)).toBeLessThan(0.02)
  }
  expect(labDistance(regions.tones[0]!.lab, labOfHex('#FFFFFF'))).toBeLessThan(0.001)
})

test('small things with a colour of their own are tones too', async () => {
  const regions = analyseRegions(await loadFixture('logo-duckduckgo.png', 512))
  for (const hex of ['#DE5833', '#FFFFFF', '#FED30A', '#67BD47']) {
    const distances = regions.tones.map((tone) => labDistance(tone.lab, labOfHex(hex)))
    expect(Math.min(...distances)).toBeLessThan(0.06)
  }
})

test('the shares of all tones add up to the image', async () => {
  for (const name of ['logo-d3.png', 'emoji-1f525.png']) {
    const { tones } = analyseRegions(await loadFixture(name, 256))
    expect(tones.reduce((sum, tone) => sum + tone.share, 0)).toBeCloseTo(1, 6)
  }
})

test('fields with an edge between them meet at an edge, a ramp is a ramp', () => {
  const fields = analyseRegions(drawImage(120, 120, (x) => (x < 60 ? [200, 30, 30] : [30, 60, 200])))
  expect(fields.tones).toHaveLength(2)
  expect(fields.adjacency.ramp[1]).toBe(0)

  const ramp = analyseRegions(
    drawImage(240, 240, (_, y) => [240 - Math.round(y / 2), 120, 40 + Math.round(y / 2)]),
  )
  expect(ramp.tones.length).toBeGreaterThan(1)
  expect(Math.max(...ramp.adjacency.edge)).toBe(0)
  expect(Math.max(...ramp.adjacency.ramp)).toBeGreaterThan(0.5)
})

test('a surrounding colour is found behind noise, and a picture without one has none', () => {
  const noise = (x: number, y: number) => Math.imul(x * 73 + y * 151 + 7, 0x9e3779b1) >>> 29
  const logo = analyseRegions(
    drawImage(100, 100, (x, y) => {
      const inside = Math.hypot(x - 50, y - 50) < 30
      return inside ? [30, 90, 200] : [240 + noise(x, y), 240 + noise(y, x), 238 + noise(x + 9, y)]
    }),
  )
  expect(logo.hasBackground).toBe(true)
  expect(logo.tones[0]!.share).toBeGreaterThan(0.6)

  const photograph = analyseRegions(drawImage(100, 100, (x, y) => [x * 2, y * 2, (x + y) & 255]))
  expect(photograph.hasBackground).toBe(false)
})

test('tables lie in shared memory, so that no thread copies them', async () => {
  const { nodes, pixelNodes, evenRuns } = analyseRegions(await loadFixture('emoji-1f525.png', 256))
  for (const table of [pixelNodes, evenRuns, nodes.keys]) {
    expect(table.length).toBeGreaterThan(0)
    expect(table.buffer).toBeInstanceOf(SharedArrayBuffer)
  }
})

test('a busy image still fits its nodes into 16 bits', () => {
  const busy = drawImage(600, 600, (x, y) => {
    const value = Math.imul(x * 7919 + y * 104_729 + 1, 0x9e3779b1)
    return [(value >>> 24) & 255, (value >>> 14) & 255, (value >>> 5) & 255]
  })
  const { nodes, pixelNodes } = analyseRegions(busy)
  expect(nodes.keys.length).toBeLessThanOrEqual(65_536)
  expect(Math.max(...pixelNodes.subarray(0, 50_000))).toBeLessThan(nodes.keys.length)
})

test('of a picture that is all noise, colours that hardly differ become one: it costs little, however large', () => {
  let state = 1
  const byte = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24
  const noise = drawImage(300, 300, () => [byte(), byte(), byte()])
  const { pixelNodes } = analyseRegions(noise)
  const bytes = noise.pixels
  const nodeOfColour = new Map<string, number>()
  let parted = 0
  for (let pixel = 0; pixel < pixelNodes.length; pixel++) {
    const colour = [0, 1, 2].map((part) => bytes[pixel * 3 + part]! >> 3).join()
    if (!nodeOfColour.has(colour)) nodeOfColour.set(colour, pixelNodes[pixel]!)
    else if (nodeOfColour.get(colour) !== pixelNodes[pixel]) parted++
  }
  // Those of a sample's very colour beside it count as even.
  expect(parted).toBeLessThan(pixelNodes.length / 1000)
})
