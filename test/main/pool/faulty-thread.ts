/**
 * An image thread that dies when it is told to: the ordinary one, but for thumbnails of a size below zero, whose file
 * is one byte in shared memory that says how many threads are still to die of it.
 */
import type { JobRequest, JobResult } from '../../../src/threads/protocol.ts'
import runJob from '../../../src/threads/worker.ts'

export const DEATHS = { exit: -1, loop: -2, heap: -3 } as const

export default async function runFaultyJob(request: JobRequest): Promise<JobResult> {
  if (request.job !== 'createThumbnail' || request.input.sidePx >= 0) return runJob(request)
  if (request.begun) Atomics.store(request.begun, 0, 1)
  const { encoded, sidePx } = request.input
  if (encoded[0]! > 0) {
    encoded[0]!--
    die(sidePx)
  }
  const bytes = new Uint8Array(new ArrayBuffer(0))
  return { ok: true, output: { bytes, contentType: 'image/png', width: 0, height: 0 }, runMs: 1 }
}

function die(how: number): void {
  const hoard: number[][] = []
  switch (how) {
    case DEATHS.exit:
      process.exit(3)
      break
    case DEATHS.loop:
      for (;;);
    case DEATHS.heap:
      for (;;) hoard.push(Array.from({ length: 500_000 }, () => 0.5))
  }
}
