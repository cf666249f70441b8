import { Failure, type FailureCategory } from '../../processors/failure.ts'
import { ModelThreadLost } from '../../processors/lost-calls.ts'
import type { ImageModels, PaletteModel, TaskLog } from '../../processors/services.ts'
import { GENERATION, isTaskType, REFINEMENT, type TaskType } from '../../processors/task.ts'
import { CallPlaces } from './call-places.ts'
import {
  CircuitBreaker,
  type BreakerOptions,
  type BreakerState,
  type Verdict,
} from '../availability/circuit-breaker.ts'
import type { Dependency } from '../availability/held-tasks.ts'
import { HttpStatus } from './response-failure.ts'

export const MODEL_NAMES = ['image', 'edit', 'palette'] as const
export type ModelName = (typeof MODEL_NAMES)[number]

/** What a task of each type calls. Most refinements ask for no palettes. */
const NEEDED: Readonly<Record<TaskType, readonly ModelName[]>> = {
  [GENERATION]: ['image', 'palette'],
  [REFINEMENT]: ['edit'],
}

export type CallOutcome = 'ok' | 'aborted' | FailureCategory

export type GovernorOptions = {
  /** Calls at once, of all models together. */
  readonly concurrency: number
  readonly breaker: BreakerOptions
}

/** Hears how every call ended that was made. */
export interface CallMeter {
  callEnded(model: ModelName, outcome: CallOutcome, runMs: number): void
}

/** How things stand with one model. */
export type ModelStanding = {
  readonly breaker: BreakerState
  readonly inFlight: number
  readonly waiting: number
}

/**
 * The models behind a limit of calls at once and a circuit breaker for each. A call that has to wait for either is not
 * failed: it waits, and tells its caller when its turn has come. Of a model that is down a task so learns no
 * sooner than one probe in each pause of the breaker.
 */
export class GovernedModels implements ImageModels, PaletteModel, Dependency {
  readonly #models: ImageModels & PaletteModel
  readonly #places: CallPlaces
  readonly #breakers: Readonly<Record<ModelName, CircuitBreaker>>
  readonly #inFlight: Record<ModelName, number> = { image: 0, edit: 0, palette: 0 }
  /** The last loss of the calls' thread that each breaker has been told of. */
  readonly #losses: Partial<Record<ModelName, ModelThreadLost>> = {}
  readonly #meter: CallMeter

  constructor(models: ImageModels & PaletteModel, options: GovernorOptions, meter: CallMeter, log: TaskLog) {
    this.#models = models
    this.#places = new CallPlaces(options.concurrency)
    this.#meter = meter
    const breaker = (model: ModelName) =>
      new CircuitBreaker(options.breaker, (state, openMs) => {
        if (state === 'open') log.error({ model, openMs }, 'a model is down: its calls wait')
        else if (state === 'closed') log.info({ model }, 'a model answers again')
      })
    this.#breakers = { image: breaker('image'), edit: breaker('edit'), palette: breaker('palette') }
  }

  generateImage(...[request, signal, onStart]: Parameters<ImageModels['generateImage']>) {
    return this.#call('image', () => this.#models.generateImage(request, signal), signal, onStart)
  }

  refineImage(...[request, signal, onStart]: Parameters<ImageModels['refineImage']>) {
    return this.#call('edit', () => this.#models.refineImage(request, signal), signal, onStart)
  }

  suggestPalettes(...[request, signal, onStart]: Parameters<PaletteModel['suggestPalettes']>) {
    return this.#call('palette', () => this.#models.suggestPalettes(request, signal), signal, onStart)
  }

  breakersFor(taskType: string): readonly CircuitBreaker[] {
    return isTaskType(taskType) ? NEEDED[taskType].map((model) => this.#breakers[model]) : []
  }

  standing(model: ModelName): ModelStanding {
    const { state, waiting } = this.#breakers[model]
    return { breaker: state, inFlight: this.#inFlight[model], waiting }
  }

  /** Lets go of the breakers' timers; end the calls in hand first. */
  stop(): void {
    for (const model of MODEL_NAMES) this.#breakers[model].stop()
  }

  async #call<T>(
    model: ModelName,
    work: () => Promise<T>,
    signal: AbortSignal,
    onStart: (() => void) | undefined,
  ): Promise<T> {
    const pass = await this.#breakers[model].enter(signal, this.#places)
    const startMs = performance.now()
    const end = (outcome: CallOutcome, verdict: Verdict) => {
      pass(verdict)
      this.#meter.callEnded(model, outcome, performance.now() - startMs)
    }
    this.#inFlight[model]++
    onStart?.()
    try {
      const answer = await work()
      end('ok', { kind: 'answered' })
      return answer
    } catch (error) {
      if (signal.aborted) end('aborted', { kind: 'unknown' })
      else if (error instanceof Failure) end(error.category, this.#verdictOn(model, error))
      else end('internal', { kind: 'unknown' })
      throw error
    } finally {
      this.#inFlight[model]--
      this.#places.giveBack()
    }
  }

  /**
   * When the calls' thread is lost, nobody knows what was answered. Once is nothing; but a thread that is lost again and
   * again is as good as a model that is down. However many calls it had, it was lost once.
   */
  #verdictOn(model: ModelName, failure: Failure): Verdict {
    const { cause } = failure
    if (!(cause instanceof ModelThreadLost)) return verdictOn(failure)
    if (this.#losses[model] === cause) return { kind: 'unknown' }
    this.#losses[model] = cause
    return { kind: 'failed' }
  }
}

const FAILED = new Set<FailureCategory>(['rate_limited', 'model_loading', 'server', 'timeout', 'network'])
const REFUSED = new Set<FailureCategory>(['auth', 'quota'])

/**
 * A refusal of one request, or an answer that is no use, is an answer of somebody who is there. What is forbidden may be
 * one request too, as a firewall does it: so that one user's words do not hold up everybody, only a row of these counts.
 */
function verdictOn({ category, retryAfterMs, cause }: Failure): Verdict {
  // It says nothing of the model.
  if (category === 'internal') return { kind: 'unknown' }
  const isForbidden = cause instanceof HttpStatus && cause.status === 403
  if (REFUSED.has(category) && !isForbidden) return { kind: 'refused', retryAfterMs }
  return FAILED.has(category) || REFUSED.has(category)
    ? { kind: 'failed', retryAfterMs }
    : { kind: 'answered' }
}
