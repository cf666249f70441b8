import type { FailureCategory } from './failure.ts'
import { Failure } from './failure.ts'
import { asFailure } from './outcome.ts'

export type StageName =
  | 'generate_image'
  | 'fetch_original'
  | 'refine_image'
  | 'prepare_image'
  | 'store_image'
  | 'generate_palettes'
  | 'create_variations'
  | 'store_concept'

/** One stage of a task, or one step of a stage. `waitMs + runMs` is the time from its start to its end. */
export type StageTiming = {
  readonly stage: StageName
  /** Null for the stage as a whole. */
  readonly step: string | null
  /** Which one of several alike, from 0. */
  readonly item: number | null
  readonly startedAt: Date
  /** Time in which nothing ran for it: it was queued behind other work. */
  readonly waitMs: number
  readonly runMs: number
  /** `resumed`: what the stage has to pay for was taken over from an earlier attempt. */
  readonly outcome: 'ok' | 'resumed' | 'failed' | 'aborted'
  readonly errorCode: FailureCategory | null
}

/** A result whose work was queued first. */
export type Timed<T> = { readonly value: T; readonly waitMs: number; readonly runMs: number }

/** Times the parts of one stage. */
export type Steps = {
  /** A step that runs from its start to its end. */
  run<T>(name: string, item: number | null, work: () => Promise<T>): Promise<T>
  /** A step that waits for its turn first, and says when that has come. */
  inTurn<T>(name: string, item: number | null, work: (onStart: () => void) => Promise<T>): Promise<T>
  /** A step that knows how long it was queued. */
  queued<T>(name: string, item: number | null, work: () => Promise<Timed<T>>): Promise<T>
  /** What the stage has to pay for came from an earlier attempt: when it ends well, that is its outcome. */
  resumed(): void
}

type Interval = { readonly fromMs: number; readonly toMs: number }
type Open = {
  readonly stage: StageName
  readonly startMs: number
  readonly runs: Interval[]
  goodEnd: 'ok' | 'resumed'
}

/**
 * Measures the stages of one attempt at a task. A stage that has steps ran while any of them ran, and waited
 * otherwise; a stage without steps ran all the time. Stages may overlap.
 */
export class StageClock {
  readonly #done: StageTiming[] = []
  readonly #open = new Set<Open>()
  readonly #signal: { readonly aborted: boolean }
  readonly #onTiming: (timing: StageTiming) => void

  /** `signal` tells an aborted stage from a failed one; `onTiming` hears of each part as it ends. */
  constructor(signal: { readonly aborted: boolean }, onTiming: (timing: StageTiming) => void) {
    this.#signal = signal
    this.#onTiming = onTiming
  }

  /** Runs one stage. An error leaves it as a {@link Failure} whose message begins with the stage's name. */
  async stage<T>(stage: StageName, work: (steps: Steps) => Promise<T>): Promise<T> {
    const open: Open = { stage, startMs: nowMs(), runs: [], goodEnd: 'ok' }
    this.#open.add(open)
    try {
      const result = await work(this.#steps(open))
      this.#close(open, undefined)
      return result
    } catch (error) {
      this.#close(open, error)
      if (this.#signal.aborted) throw error
      throw inStage(stage, asFailure(error))
    }
  }

  /**
   * Everything measured so far. A stage that is still open counts up to now: the stage that stores the timings
   * is itself one of them.
   */
  timings(): StageTiming[] {
    return [...this.#done, ...[...this.#open].map((open) => timingOf(open, nowMs(), open.goodEnd, null))]
  }

  #close(open: Open, error: unknown): void {
    this.#open.delete(open)
    this.#record(timingOf(open, nowMs(), ...this.#ending(error, open.goodEnd)))
  }

  #ending(error: unknown, goodEnd: Open['goodEnd']): [StageTiming['outcome'], FailureCategory | null] {
    if (error === undefined) return [goodEnd, null]
    return this.#signal.aborted ? ['aborted', null] : ['failed', asFailure(error).category]
  }

  #record(timing: StageTiming): void {
    this.#done.push(timing)
    this.#onTiming(timing)
  }

  #steps(open: Open): Steps {
    /** `runMsTo` says how long the step had run at its end, however it ended; more than its whole time is all of it. */
    const timed = async <T>(
      step: string,
      item: number | null,
      runMsTo: (endMs: number) => number,
      work: () => Promise<T>,
    ): Promise<T> => {
      const startMs = nowMs()
      const record = (error: unknown) => {
        const endMs = nowMs()
        const [outcome, errorCode] = this.#ending(error, 'ok')
        const runMs = Math.min(endMs - startMs, Math.max(0, runMsTo(endMs)))
        const waitMs = endMs - startMs - runMs
        open.runs.push({ fromMs: startMs + waitMs, toMs: endMs })
        this.#record({
          stage: open.stage,
          step,
          item,
          startedAt: new Date(startMs),
          waitMs,
          runMs,
          outcome,
          errorCode,
        })
      }
      try {
        const value = await work()
        record(undefined)
        return value
      } catch (error) {
        record(error)
        throw error
      }
    }
    return {
      resumed: () => {
        open.goodEnd = 'resumed'
      },
      run: (step, item, work) => timed(step, item, () => Infinity, work),
      inTurn: (step, item, work) => {
        let startMs = Infinity
        return timed(
          step,
          item,
          (endMs) => endMs - startMs,
          () => work(() => (startMs = nowMs())),
        )
      },
      queued: (step, item, work) => {
        let runMs = Infinity
        return timed(
          step,
          item,
          () => runMs,
          async () => {
            const result = await work()
            runMs = result.runMs
            return result.value
          },
        )
      },
    }
  }
}

function timingOf(
  { stage, startMs, runs }: Open,
  endMs: number,
  outcome: StageTiming['outcome'],
  errorCode: FailureCategory | null,
): StageTiming {
  const totalMs = endMs - startMs
  const runMs = runs.length === 0 ? totalMs : Math.min(totalMs, coveredMs(runs))
  return {
    stage,
    step: null,
    item: null,
    startedAt: new Date(startMs),
    waitMs: totalMs - runMs,
    runMs,
    outcome,
    errorCode,
  }
}

/** Length of the union of intervals. */
export function coveredMs(intervals: readonly Interval[]): number {
  let covered = 0
  let end = -Infinity
  for (const { fromMs, toMs } of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    covered += Math.max(0, toMs - Math.max(fromMs, end))
    end = Math.max(end, toMs)
  }
  return covered
}

function inStage(stage: StageName, failure: Failure): Failure {
  return new Failure(failure.category, `${stage}: ${failure.message}`, {
    cause: failure.cause ?? failure,
    retryable: failure.retryable,
    retryAfterMs: failure.retryAfterMs,
  })
}

/** Wall-clock milliseconds that never run backwards within the process. */
function nowMs(): number {
  return performance.timeOrigin + performance.now()
}
