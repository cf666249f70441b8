import { JobQueue, TaskShare, type JobCost, type StartedJobs } from '../../../src/main/pool/job-queue.ts'

/** A task as the pool sees it: jobs one after the other, a pause, then jobs that may run at the same time. */
export type SimulatedTask = {
  readonly name: string
  readonly startMs: number
  /** How long its jobs take of thread time: one after the other, the pause behind the last of them. */
  readonly firstMs: readonly number[]
  readonly pauseMs: number
  readonly thenMs: readonly number[]
  /** What the queue is told of each job. */
  readonly cost: JobCost
}

export type SimulatedJob = {
  readonly task: string
  readonly startMs: number
  readonly endMs: number
  /** Those that were handed to a thread together have the same number. */
  readonly handedOver: number
}

type Job = { readonly task: SimulatedTask; readonly runMs: number; readonly onEnd: () => void }

/**
 * Runs tasks through a queue with so many threads, on a clock of its own. Answers the jobs in the order in which they
 * were handed over.
 */
export function simulate(
  threads: number,
  tasks: readonly SimulatedTask[],
  isMainThreadSaturated = false,
): SimulatedJob[] {
  const queue = new JobQueue<Job>(threads)
  const events: { readonly atMs: number; readonly happen: () => void }[] = []
  const jobs: SimulatedJob[] = []
  let nowMs = 0
  let free = threads
  let handedOver = 0

  const after = (ms: number, happen: () => void) => events.push({ atMs: nowMs + ms, happen })
  const startJobs = () => {
    while (free > 0) {
      const started = queue.take(() => true, isMainThreadSaturated)
      if (!started) return
      free--
      handedOver++
      let ranMs = 0
      for (const { task, runMs } of started.jobs) {
        const startMs = nowMs + ranMs
        jobs.push({ task: task.name, startMs, endMs: startMs + runMs, handedOver })
        ranMs += runMs
      }
      after(ranMs, () => endJobs(started, ranMs))
    }
  }
  const endJobs = (started: StartedJobs<Job>, ranMs: number) => {
    free++
    queue.ended(started, ranMs)
    for (const { onEnd } of started.jobs) onEnd()
  }
  const begin = (task: SimulatedTask) => {
    const share = new TaskShare<Job>()
    let left = task.thenMs.length
    const onEnd = () => {
      if (--left === 0) queue.close(share)
    }
    const addFirst = (at: number) => {
      const runMs = task.firstMs[at]
      if (runMs !== undefined) queue.add(share, { task, runMs, onEnd: () => addFirst(at + 1) }, task.cost)
      else
        after(task.pauseMs, () =>
          task.thenMs.forEach((ms) => queue.add(share, { task, runMs: ms, onEnd }, task.cost)),
        )
    }
    addFirst(0)
  }

  for (const task of tasks) events.push({ atMs: task.startMs, happen: () => begin(task) })
  while (events.length > 0) {
    events.sort((a, b) => a.atMs - b.atMs)
    const next = events.shift()!
    nowMs = next.atMs
    next.happen()
    startJobs()
  }
  return jobs
}

/** From the task's start to the end of its last job. */
export function latencyMs(jobs: readonly SimulatedJob[], { name, startMs }: SimulatedTask): number {
  return Math.max(...jobs.filter(({ task }) => task === name).map(({ endMs }) => endMs)) - startMs
}

/** A logo of 1024x1024 with seven palettes: 165 ms of thread time, and a palette model's answer to wait for. */
export const logo = (name: string, startMs: number): SimulatedTask => ({
  name,
  startMs,
  firstMs: [20, 40],
  pauseMs: 300,
  thenMs: Array.from({ length: 7 }, () => 15),
  cost: { jobMs: 20, taskMs: 165 },
})

/** Noise of 4000x4000 with 15 palettes: 40 s of thread time. */
export const noise = (name: string, startMs: number): SimulatedTask => ({
  name,
  startMs,
  firstMs: [3_000, 7_000],
  pauseMs: 300,
  thenMs: Array.from({ length: 15 }, () => 2_000),
  cost: { jobMs: 400, taskMs: 2_640 },
})
