import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mainThreadCpuMs, mainThreadMs } from '../../../src/main/tuning/main-thread-time.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'main-thread-time-'))
  await writeFile(join(folder, 'of-a-kernel-that-does-not-count'), '0 0 0\n')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the time of the main thread', () => {
  it.each([
    ['where the system counts it', undefined],
    ['where there is no such file', 'none'],
    ['where the file counts nothing', 'of-a-kernel-that-does-not-count'],
  ])('grows with its work %s', async (_, name) => {
    const read = () => (name === undefined ? mainThreadMs() : mainThreadMs(join(folder, name)))
    const beforeMs = read()
    await expect.poll(read).toBeGreaterThan(beforeMs)
  })

  it.each(['none', 'of-a-kernel-that-does-not-count'])(
    'is told apart from what stands in for it: %s',
    (name) => {
      expect(mainThreadCpuMs(join(folder, name))).toBeNull()
    },
  )
})
