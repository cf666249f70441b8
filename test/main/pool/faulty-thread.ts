/**
 * An image thread that dies when it is told to: the ordinary one, but for thumbnails of a size below zero, whose file
 * is one byte in shared memory that says how many threads are still to die of it. One of them takes half a second and
 * does no harm; another one's file is the path of a file to open, which keeps the thread for as long as that takes.
 */
import { closeSync, openSync } from 'node:fs'
import type { JobBatch, JobRequest, JobResult } from '../../../src/threads/protocol.ts'
import { beginJob, runJob } from '../../../src/threads/worker.ts'

export const FAULTS = { exit: -1, loop: -2, heap: -3, pause: -4, open: -5 } as const
const PAUSE_MS = 500

export default async function runBatch({ requests, progress }: JobBatch): Promise<readonly JobResult[]> {
  const results: JobResult[] = []
  for (const [at, request] of requests.entries()) {
    beginJob(progress, at)
    results.push(await runFaultyJob(request))
  }
  return results
}

async function runFaultyJob(request: JobRequest): Promise<JobResult> {
  if (request.job !== 'createThumbnail' || request.input.sidePx >= 0) return runJob(request)
  const { encoded, sidePx } = request.input
  if (sidePx === FAULTS.pause) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  else if (sidePx === FAULTS.open) closeSync(openSync(Buffer.from(encoded).toString(), 'r'))
  else if (encoded[0]! > 0) {
    encoded[0]!--
    die(sidePx)
  }
  const bytes = new Uint8Array(new ArrayBuffer(0))
  return { ok: true, output: { bytes, contentType: 'image/png', width: 0, height: 0 }, runMs: 1 }
}

function die(how: number): void {
  const hoard: number[][] = []
  switch (how) {
    case FAULTS.exit:
      process.exit(3)
      break
    case FAULTS.loop:
      for (;;);
    case FAULTS.heap:
      for (;;) hoard.push(Array.from({ length: 500_000 }, () => 0.5))
  }
}
