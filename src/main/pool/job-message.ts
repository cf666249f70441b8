import type { JobRequest, JobResult } from '../../threads/protocol.ts'

/** The thread ended under a job, or had to be ended. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost'
  /** Place of that job among those that the thread was given; null where it ended before it began with any. */
  readonly jobAt: number | null
  /** For how long it was at that job. */
  readonly ranMs: number

  constructor(message: string, jobAt: number | null, ranMs: number, options: { readonly cause: unknown }) {
    super(message, options)
    this.jobAt = jobAt
    this.ranMs = ranMs
  }
}

/** Jobs that a thread is given together, on their way to a result. */
export class JobMessage {
  readonly requests: readonly JobRequest[]
  /** Thread time that all of them are expected to take; 0 where nobody knows. */
  readonly expectedMs: number
  /** One for each job, or none where the message was given up. Rejects with {@link ThreadLost}. */
  readonly results: Promise<readonly JobResult[]>
  resolve!: (results: readonly JobResult[]) => void
  reject!: (lost: ThreadLost) => void

  constructor(requests: readonly JobRequest[], expectedMs: number) {
    this.requests = requests
    this.expectedMs = expectedMs
    this.results = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}
