import { PROGRESS, type JobBatch, type JobRequest, type JobResult } from './protocol.ts'

type Results = readonly JobResult[]

/**
 * What a thread runs for each message: its jobs one after the other, and messages one after the other, since the next may
 * come while one is at hand. `runJob` must not throw; `transfer` marks what goes to the main thread without a copy.
 */
export function batchRunner(
  runJob: (request: JobRequest) => Promise<JobResult>,
  transfer: (results: Results) => Results = (results) => results,
): (batch: JobBatch) => Promise<Results> {
  let last: Promise<unknown> = Promise.resolve()
  return (batch) => {
    const answer = last.then(async () => transfer(await runJobs(batch, runJob)))
    last = answer.catch(() => {})
    return answer
  }
}

/** None where the message was taken back before. */
async function runJobs(
  { requests, progress }: JobBatch,
  runJob: (request: JobRequest) => Promise<JobResult>,
): Promise<Results> {
  const results: JobResult[] = []
  if (!begin(progress)) return results
  for (const [at, request] of requests.entries()) {
    if (at > 0) goOn(progress, at)
    results.push(await runJob(request))
  }
  return results
}

/** Whoever is first has it: the thread that begins with a message, or the main thread that takes it back. */
function begin(progress: BigInt64Array): boolean {
  return Atomics.compareExchange(progress, PROGRESS.begunAtNs, 0n, process.hrtime.bigint()) === 0n
}

/** Tells the main thread of the job that is at hand from now on. */
function goOn(progress: BigInt64Array, at: number): void {
  Atomics.store(progress, PROGRESS.jobAt, BigInt(at))
  Atomics.store(progress, PROGRESS.begunAtNs, process.hrtime.bigint())
}
