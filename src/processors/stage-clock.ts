import type { FailureCategory } from './failure.ts'
import { Failure } from './failure.ts'
import { asFailure } from './outcome.ts'
import { ClaimLost } from './task.ts'

export type StageName =
  | 'generate_image'
  | 'fetch_original'
  | 'refine_image'
  | 'prepare_image'
  | 'store_image'
  | 'generate_palettes'
  | 'create_variations'
  | 'store_concept'

/** The stages that pay for a model's answer. */
export type PayingStage = Extract<StageName, 'generate_image' | 'refine_image' | 'generate_palettes'>

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
export type Timed<T> = {
  readonly value: T
  readonly waitMs: number
  readonly runMs: number
  /** From the end of its work until it was delivered, while its thread went on with others that came along with it. */
  readonly restMs: number
}

/** Times the parts of one stage. */
export type Steps = {
  /** A step that runs from its start to its end. */
  run<T>(name: string, item: number | null, work: () => Promise<T>): Promise<T>
  /** A step that waits for its turn first, and says when that has come. */
  inTurn<T>(name: string, item: number | null, work: (onStart: () => void) => Promise<T>): Promise<T>
  /** A step that knows how long it was queued, and when it ended. */
  queued<T>(name: string, item: number | null, work: () => Promise<Timed<T>>): Promise<T>
  /** A step that has ended by now, within the work of the one before. */
  took(name: string, item: number | null, timed: Timed<unknown>): void
  /** What the stage has to pay for came from an earlier attempt: when it ends well, that is its outcome. */
  resumed(): void
}

type Interval = { readonly fromMs: number; readonly toMs: number }

/** Whom a clock works for. */
export interface StageWatch {
  /** Tells an aborted stage from a failed one. */
  readonly aborted: boolean
  /** Hears of each stage, and of each step of one, as it ends. */
  ended(timing: StageTiming): void
}

/**
 * Measures the stages of one attempt at a task. A stage that has steps ran while any of them ran, and waited
 * otherwise; a stage without steps ran all the time. Stages may overlap.
 */
export class StageClock {
  readonly #done: StageTiming[] = []
  readonly #open: OpenStage[] = []
  readonly #watch: StageWatch

  constructor(watch: StageWatch) {
    this.#watch = watch
  }

  /** Runs one stage. An error leaves it as a {@link Failure} whose message begins with the stage's name. */
  async stage<T>(stage: StageName, work: (steps: Steps) => Promise<T>): Promise<T> {
    const open = new OpenStage(stage, this.#watch, (timing) => this.#record(timing))
    this.#open.push(open)
    try {
      const result = await work(open)
      this.#close(open, undefined)
      return result
    } catch (error) {
      this.#close(open, error)
      if (isAborted(error, this.#watch)) throw error
      throw inStage(stage, asFailure(error))
    }
  }

  /**
   * Everything measured so far. A stage that is still open counts up to now: the stage that stores the timings
   * is itself one of them.
   */
  timings(): StageTiming[] {
    return [...this.#done, ...this.#open.map((open) => open.timing(open.goodEnd, null))]
  }

  #close(open: OpenStage, error: unknown): void {
    this.#open.splice(this.#open.indexOf(open), 1)
    this.#record(open.timing(...endingOf(error, open.goodEnd, this.#watch)))
  }

  #record(timing: StageTiming): void {
    this.#done.push(timing)
    this.#watch.ended(timing)
  }
}

class OpenStage implements Steps {
  goodEnd: 'ok' | 'resumed' = 'ok'
  readonly #stage: StageName
  readonly #watch: StageWatch
  readonly #onStep: (timing: StageTiming) => void
  readonly #startMs = nowMs()
  readonly #runs: Interval[] = []

  constructor(stage: StageName, watch: StageWatch, onStep: (timing: StageTiming) => void) {
    this.#stage = stage
    this.#watch = watch
    this.#onStep = onStep
  }

  resumed(): void {
    this.goodEnd = 'resumed'
  }

  run<T>(name: string, item: number | null, work: () => Promise<T>): Promise<T> {
    return this.#timed(name, item, () => Infinity, work)
  }

  inTurn<T>(name: string, item: number | null, work: (onStart: () => void) => Promise<T>): Promise<T> {
    let startMs = Infinity
    return this.#timed(
      name,
      item,
      (endMs) => endMs - startMs,
      () => work(() => (startMs = nowMs())),
    )
  }

  queued<T>(name: string, item: number | null, work: () => Promise<Timed<T>>): Promise<T> {
    let runMs = Infinity
    let restMs = 0
    return this.#timed(
      name,
      item,
      () => runMs,
      async () => {
        const result = await work()
        runMs = result.runMs
        restMs = result.restMs
        return result.value
      },
      () => restMs,
    )
  }

  took(name: string, item: number | null, { waitMs, runMs, restMs }: Timed<unknown>): void {
    const endMs = nowMs() - restMs
    this.#endStep(name, item, endMs - waitMs - runMs, endMs, () => runMs, undefined)
  }

  /** Of the stage as a whole, up to now. */
  timing(outcome: StageTiming['outcome'], errorCode: FailureCategory | null): StageTiming {
    const totalMs = nowMs() - this.#startMs
    const runMs = this.#runs.length === 0 ? totalMs : Math.min(totalMs, coveredMs(this.#runs))
    return {
      stage: this.#stage,
      step: null,
      item: null,
      startedAt: new Date(this.#startMs),
      waitMs: totalMs - runMs,
      runMs,
      outcome,
      errorCode,
    }
  }

  /**
   * `runMsTo` says how long the step had run at its end, however it ended; more than its whole time is all of it.
   * `endedAgoMs` says how long ago that was when the work answers.
   */
  async #timed<T>(
    step: string,
    item: number | null,
    runMsTo: (endMs: number) => number,
    work: () => Promise<T>,
    endedAgoMs: () => number = () => 0,
  ): Promise<T> {
    const startMs = nowMs()
    try {
      const value = await work()
      this.#endStep(step, item, startMs, Math.max(startMs, nowMs() - endedAgoMs()), runMsTo, undefined)
      return value
    } catch (error) {
      this.#endStep(step, item, startMs, nowMs(), runMsTo, error)
      throw error
    }
  }

  #endStep(
    step: string,
    item: number | null,
    startMs: number,
    endMs: number,
    runMsTo: (endMs: number) => number,
    error: unknown,
  ): void {
    const [outcome, errorCode] = endingOf(error, 'ok', this.#watch)
    const runMs = Math.min(endMs - startMs, Math.max(0, runMsTo(endMs)))
    const waitMs = endMs - startMs - runMs
    this.#runs.push({ fromMs: startMs + waitMs, toMs: endMs })
    const startedAt = new Date(startMs)
    this.#onStep({ stage: this.#stage, step, item, startedAt, waitMs, runMs, outcome, errorCode })
  }
}

function endingOf(
  error: unknown,
  goodEnd: 'ok' | 'resumed',
  watch: StageWatch,
): [StageTiming['outcome'], FailureCategory | null] {
  if (error === undefined) return [goodEnd, null]
  return isAborted(error, watch) ? ['aborted', null] : ['failed', asFailure(error).category]
}

/** A claim whose loss shows in a refused write aborts as well. */
function isAborted(error: unknown, watch: StageWatch): boolean {
  return watch.aborted || error instanceof ClaimLost
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
