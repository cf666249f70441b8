import { beforeAll, describe, expect, test } from 'vitest'
import {
  measureMemory,
  type MemoryReport,
  type MemoryStep,
  type MemoryUse,
  type MemoryWork,
} from './memory-report.ts'

const SMALL_PX = 512
const LARGE_PX = 3072
/**
 * What is counted in buffers is exact but for encoded files, which are small beside their pixels, and the results of the
 * small picture, which take no memory of their own: the kernel has it in any case.
 */
const BUFFER_SLACK = 0.4
/** What is resident varies with the heap and with how the system hands out pages. */
const PEAK_SLACK = 2

const MEGABYTE = 1_000_000

/** Bytes that every further pixel costs. What does not grow with the picture is in both reports and falls out. */
function bytesPerPixel(reports: readonly [MemoryReport, MemoryReport], of: keyof MemoryUse) {
  const [small, large] = reports
  return (step: MemoryStep) =>
    (large[step]![of] - small[step]![of]) / (LARGE_PX * LARGE_PX - SMALL_PX * SMALL_PX)
}

describe.each([
  { kind: 'opaque', channels: 3, encoder: { png: 1, webp: 5 } },
  { kind: 'transparent', channels: 4, encoder: { png: 1, webp: 14 } },
] as const)('the image work on $kind pixels', ({ channels, encoder }) => {
  let reports: [MemoryReport, MemoryReport]

  const both = (work: MemoryWork) =>
    Promise.all([measureMemory(work, SMALL_PX, channels), measureMemory(work, LARGE_PX, channels)])

  beforeAll(async () => {
    reports = await both('recolour')
  })

  test('keeps its pixels and two bytes a pixel of analysis for all threads together', () => {
    const buffers = bytesPerPixel(reports, 'bufferBytes')
    const peak = bytesPerPixel(reports, 'peakBytes')
    expect(buffers('image')).toBeLessThan(channels + BUFFER_SLACK)
    expect(buffers('analysis')).toBeLessThan(channels + 2 + BUFFER_SLACK)
    expect(peak('analysis') - peak('image')).toBeLessThan(2 + PEAK_SLACK)
  })

  test('takes one result more for a variation, and what the encoder needs', () => {
    const buffers = bytesPerPixel(reports, 'bufferBytes')
    const peak = bytesPerPixel(reports, 'peakBytes')
    for (const format of ['png', 'webp'] as const) {
      expect(buffers(format)).toBeLessThan(channels + 2 + channels + BUFFER_SLACK)
      expect(peak(format) - peak('analysis')).toBeLessThan(channels + encoder[format] + PEAK_SLACK)
    }
  })

  test.each([
    ['a PNG', 'preparePng'],
    ['what libvips reads', 'prepareWebp'],
  ] as const)(
    'holds the pixels twice while it decodes %s, which is less than what follows',
    async (_, work) => {
      const preparing = await both(work)
      const buffers = bytesPerPixel(preparing, 'bufferBytes')
      const peak = bytesPerPixel(preparing, 'peakBytes')
      expect(buffers('prepared')).toBeLessThan(channels + BUFFER_SLACK)
      expect(peak('prepared') - peak('file')).toBeLessThan(2 * channels + PEAK_SLACK)
    },
  )

  test.runIf(channels === 3)(
    'keeps no more where variations have an outline, and needs no result',
    async () => {
      const outlining = await both('outline')
      const buffers = bytesPerPixel(outlining, 'bufferBytes')
      const peak = bytesPerPixel(outlining, 'peakBytes')
      expect(buffers('outlined')).toBeLessThan(channels + 2 + BUFFER_SLACK)
      // The nodes of all pixels are still there while it is found.
      expect(peak('outlined') - peak('image')).toBeLessThan(2 + 2 + PEAK_SLACK)
      expect(peak('outlinedPng') - peak('outlined')).toBeLessThan(PEAK_SLACK)
    },
  )

  test('needs less than eight megabytes of tables, however large the picture', () => {
    const small = reports[0].analysis!.bufferBytes
    const fixed = small - bytesPerPixel(reports, 'bufferBytes')('analysis') * SMALL_PX * SMALL_PX
    expect(fixed).toBeLessThan(8 * MEGABYTE)
  })
})
