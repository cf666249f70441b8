import { WaitingLine } from './waiting-line.ts'

export type BreakerOptions = {
  /** So many failures with no success between them open it. */
  readonly threshold: number
  /** How long it stays open at first; every probe that fails doubles it. */
  readonly firstOpenMs: number
  readonly maxOpenMs: number
  /** The other side may ask for more patience than that, up to here. */
  readonly maxRetryAfterMs: number
}

/** Those of models and storage: a moment's trouble is over before it opens, and an outage costs a call a minute. */
export const BREAKER: BreakerOptions = {
  threshold: 5,
  firstOpenMs: 5_000,
  maxOpenMs: 60_000,
  maxRetryAfterMs: 300_000,
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** What a call says about whoever was called. */
export type Verdict =
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly retryAfterMs?: number | undefined }
  /** Every other call would fail too: it opens at once. */
  | { readonly kind: 'refused'; readonly retryAfterMs?: number | undefined }
  /** Nothing: it was broken off from here. */
  | { readonly kind: 'unknown' }

/** The leave to make one call, to be used up once by saying how it went. */
export type Pass = (verdict: Verdict) => void

/** To be called at the end of what has begun; a second time it does nothing. */
export type End = () => void

const NOTHING_TO_END: End = () => {}

/** What a call takes beside the breaker's leave. */
export interface Places {
  /** Throws the signal's reason once it is aborted. */
  take(signal: AbortSignal): Promise<void>
  giveBack(): void
}

/**
 * Keeps calls away from someone who is down. It opens after a row of failures; after a while one call is let through
 * to probe, and the end of that closes it, or opens it again for longer. Calls are not made to fail meanwhile: they
 * wait, and so does whoever would begin something that needs one. Where no call waits to probe, one such beginning is let
 * in, and the others once that has shown how things are.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions
  readonly #onChange: (state: BreakerState, openMs: number) => void
  readonly #calls = new WaitingLine()
  readonly #beginnings = new WaitingLine()
  /** Calls that have no leave yet. */
  #waiting = 0
  #state: BreakerState = 'closed'
  #failures = 0
  #openMs: number
  #reopening: NodeJS.Timeout | undefined
  #isProbing = false
  /** What has begun in order to find out, until it has ended or taken too long: the timer of that. */
  #trial: NodeJS.Timeout | undefined
  /** Raised by every change: what a call that began before it says comes too late. */
  #epoch = 0

  /** `onChange` hears of every change; `openMs` is how long it will be open, else 0. */
  constructor(options: BreakerOptions, onChange: (state: BreakerState, openMs: number) => void) {
    this.#options = options
    this.#onChange = onChange
    this.#openMs = options.firstOpenMs
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Whether a call may be answered as far as is known, or nothing else is there to find that out. */
  get isCalm(): boolean {
    if (this.#state === 'closed') return true
    return this.#isPassable && this.#waiting === 0 && this.#trial === undefined
  }

  /** Calls that wait for its leave or for a place. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * Resolves with the leave for a call, which then has a place too where places are limited. Nobody keeps a place while
   * waiting for the breaker, so that calls elsewhere go on. Throws the signal's reason once it is aborted.
   */
  async enter(signal: AbortSignal, places?: Places): Promise<Pass> {
    this.#waiting++
    try {
      for (;;) {
        while (!this.#isPassable) await this.#calls.wait(signal)
        await places?.take(signal)
        if (this.#isPassable) return this.#pass()
        places?.giveBack()
      }
    } finally {
      this.#waiting--
      if (this.isCalm) this.#beginnings.callAll()
    }
  }

  /**
   * Resolves when something may begin that will need a call: when it is calm. Throws the signal's reason once it is aborted.
   */
  async untilCalm(signal: AbortSignal): Promise<void> {
    while (!this.isCalm) await this.#beginnings.wait(signal)
  }

  /**
   * Something begins that will need a call; ask for nothing while it is not calm. What begins while it is half-open is a
   * trial: nothing else may begin until its call has been answered, or it has ended without one. One that does neither,
   * because it waits elsewhere, keeps others back for no longer than the breaker was open.
   */
  begin(): End {
    if (this.#state === 'closed') return NOTHING_TO_END
    const trial = setTimeout(() => this.#endTrial(trial), this.#openMs)
    this.#trial = trial
    return () => this.#endTrial(trial)
  }

  /** Lets go of its timers; whoever waits is told by their own signals. */
  stop(): void {
    clearTimeout(this.#reopening)
    clearTimeout(this.#trial)
  }

  get #isPassable(): boolean {
    return this.#state === 'closed' || (this.#state === 'half-open' && !this.#isProbing)
  }

  #pass(): Pass {
    const epoch = this.#epoch
    this.#isProbing = this.#state === 'half-open'
    return (verdict) => {
      if (epoch === this.#epoch) this.#judge(verdict)
    }
  }

  #judge(verdict: Verdict): void {
    switch (verdict.kind) {
      case 'answered':
        this.#failures = 0
        if (this.#isProbing) this.#close()
        return
      case 'failed':
        this.#failures++
        if (this.#isProbing || this.#failures >= this.#options.threshold) this.#open(verdict.retryAfterMs)
        return
      case 'refused':
        this.#open(verdict.retryAfterMs)
        return
      case 'unknown':
        if (this.#isProbing) this.#letIn()
    }
  }

  #open(retryAfterMs = 0): void {
    const { firstOpenMs, maxOpenMs, maxRetryAfterMs } = this.#options
    this.#openMs = this.#isProbing ? Math.min(2 * this.#openMs, maxOpenMs) : firstOpenMs
    const openMs = Math.max(this.#openMs, Math.min(retryAfterMs, maxRetryAfterMs))
    this.#change('open', openMs)
    this.#reopening = setTimeout(() => {
      this.#change('half-open', 0)
      this.#letIn()
    }, openMs)
  }

  #close(): void {
    this.#failures = 0
    this.#change('closed', 0)
    this.#letIn()
  }

  #letIn(): void {
    this.#isProbing = false
    this.#calls.callAll()
    if (this.isCalm) this.#beginnings.callAll()
  }

  /** Does nothing for a trial of an earlier time. */
  #endTrial(trial: NodeJS.Timeout): void {
    if (trial !== this.#trial) return
    this.#dropTrial()
    if (this.isCalm) this.#beginnings.callAll()
  }

  #dropTrial(): void {
    clearTimeout(this.#trial)
    this.#trial = undefined
  }

  #change(state: BreakerState, openMs: number): void {
    this.#state = state
    this.#isProbing = false
    this.#dropTrial()
    this.#epoch++
    this.#onChange(state, openMs)
  }
}
