import sharp from 'sharp'
import { expect, it } from 'vitest'
import { measureImages } from '../../../src/main/tuning/image-measurement.ts'

it('counts the thread time of every task, so that tasks a second and time of a task are those of busy threads', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const picture = await sharp({ create: { width: 256, height: 256, channels: 3, background: '#888', noise } })
    .png()
    .toBuffer()
  const { tasksPerSecond, imageMs } = await measureImages(picture, 1, 500, {
    type: 'png',
    compressionLevel: 6,
  })
  const busy = (tasksPerSecond * imageMs) / 1_000
  expect(busy).toBeGreaterThan(0.7)
  expect(busy).toBeLessThanOrEqual(1.1)
})
