/**
 * An image thread that dies when it is told to: the ordinary one, but for thumbnails of a size below zero, whose file
 * is one byte in shared memory that says how many threads are still to die of it. One of them takes half a second and
 * does no harm; another one's file is the path of a file to open, which keeps the thread for as long as that takes. The
 * file of the one at a gate is three numbers in shared memory; see {@link GATE}.
 */
import { closeSync, openSync } from 'node:fs'
import { batchRunner } from '../../../src/threads/batch.ts'
import type { JobRequest, JobResult } from '../../../src/threads/protocol.ts'
import { runJob } from '../../../src/threads/worker.ts'

export const FAULTS = { exit: -1, loop: -2, heap: -3, pause: -4, open: -5, gate: -6 } as const
/** How often the job was begun, whether it may go on, and how many threads end when it does. */
export const GATE = { begun: 0, isOpen: 1, deaths: 2, length: 3 } as const
const PAUSE_MS = 500

export default batchRunner(runFaultyJob)

async function runFaultyJob(request: JobRequest): Promise<JobResult> {
  if (request.job !== 'createThumbnail' || request.input.sidePx >= 0) return runJob(request)
  const { encoded, sidePx } = request.input
  if (sidePx === FAULTS.pause) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  else if (sidePx === FAULTS.open) closeSync(openSync(Buffer.from(encoded).toString(), 'r'))
  else if (sidePx === FAULTS.gate) waitAtGate(new Int32Array(encoded.buffer))
  else if (encoded[0]! > 0) {
    encoded[0]!--
    die(sidePx)
  }
  const bytes = new Uint8Array(new ArrayBuffer(0))
  return { ok: true, output: { bytes, contentType: 'image/png', width: 0, height: 0 }, runMs: 1 }
}

function waitAtGate(cells: Int32Array): void {
  Atomics.add(cells, GATE.begun, 1)
  Atomics.notify(cells, GATE.begun)
  Atomics.wait(cells, GATE.isOpen, 0)
  if (cells[GATE.deaths]! > 0) {
    cells[GATE.deaths]!--
    die(FAULTS.exit)
  }
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
