import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROBE = fileURLToPath(new URL('./memory-probe.ts', import.meta.url))

export type MemoryUse = {
  /** Bytes of all buffers, in own and in shared memory. */
  readonly bufferBytes: number
  /** The most memory that was ever resident, native memory and all. */
  readonly peakBytes: number
}

export type MemoryStep =
  'file' | 'prepared' | 'image' | 'analysis' | 'png' | 'webp' | 'outlined' | 'outlinedPng'
export type MemoryWork = 'preparePng' | 'prepareWebp' | 'recolour' | 'outline'
export type MemoryReport = Partial<Record<MemoryStep, MemoryUse>>

/** Does image work on a square picture in a process of its own, and answers what that held after each step. */
export async function measureMemory(
  work: MemoryWork,
  sidePx: number,
  channels: 3 | 4,
): Promise<MemoryReport> {
  const child = fork(PROBE, [work, String(sidePx), String(channels)], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
  })
  const exited = once(child, 'exit')
  const report = await Promise.race([
    once(child, 'message').then(([message]) => message as MemoryReport),
    exited.then(([code]): never => {
      throw new Error(`the probe ended with code ${code} and no report`)
    }),
  ])
  await exited
  return report
}
