import { PROGRESS, TAKEN_BACK } from '../../threads/protocol.ts'

const NS_PER_MS = 1_000_000

/** Where a thread is with a message, in memory that both share: each has its own, as a thread that is being ended may still write. */
export class JobProgress {
  readonly cells = new BigInt64Array(new SharedArrayBuffer(PROGRESS.length * BigInt64Array.BYTES_PER_ELEMENT))

  /** For how long the thread has been at the job at hand; undefined before it began with the first. */
  get jobMs(): number | undefined {
    const begunAtNs = Atomics.load(this.cells, PROGRESS.begunAtNs)
    return begunAtNs > 0n ? Number(process.hrtime.bigint() - begunAtNs) / NS_PER_MS : undefined
  }

  /** Place of the job at hand; null before the first. */
  get jobAt(): number | null {
    return this.jobMs === undefined ? null : Number(Atomics.load(this.cells, PROGRESS.jobAt))
  }

  /** False when the thread has begun; else it will pass the message over. */
  takeBack(): boolean {
    return Atomics.compareExchange(this.cells, PROGRESS.begunAtNs, 0n, TAKEN_BACK) === 0n
  }
}
