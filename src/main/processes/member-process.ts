import { fork, type ChildProcess } from 'node:child_process'
import type { CountedMetrics, Message, Question, Readiness } from './protocol.ts'

/** How a process ended: with a code, or by a signal. */
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** Longer than the checks take by themselves. */
const ANSWER_MS = 3_000

/** One process of several, as the primary sees it. */
export class MemberProcess {
  readonly ended: Promise<Ending>
  /** Resolves with true once its worker has started, with false if it ends before. */
  readonly started: Promise<boolean>
  #isStarted = false
  readonly #startedAtMs = performance.now()
  readonly #child: ChildProcess
  readonly #open = new Map<number, (answer: unknown) => void>()
  #asked = 0

  /** `number` stands in its command line and in its log, `env` beside the variables of this process. */
  constructor(number: number, env: Readonly<Record<string, string>>) {
    this.#child = fork(process.argv[1] ?? '', ['start', '--process', String(number)], {
      env: { ...process.env, ...env },
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }))
      // One that could not be made has no exit.
      this.#child.on('error', () => this.#child.pid === undefined && resolve({ code: null, signal: null }))
    })
    this.started = new Promise((resolve) => {
      this.#child.on('message', (message: Message) => {
        if ('started' in message) {
          this.#isStarted = true
          resolve(true)
        } else this.#open.get(message.id)?.(message.answer)
      })
      void this.ended.then(() => {
        resolve(false)
        for (const settle of this.#open.values()) settle(null)
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether its worker has ever started. */
  get isStarted(): boolean {
    return this.#isStarted
  }

  get isRunning(): boolean {
    return this.#isStarted && this.#child.connected
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  get ageMs(): number {
    return performance.now() - this.#startedAtMs
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Null where there is no answer in time. */
  readiness(): Promise<Readiness | null> {
    return this.#ask('readiness') as Promise<Readiness | null>
  }

  /** Null where there is no answer in time. */
  metrics(): Promise<CountedMetrics | null> {
    return this.#ask('metrics') as Promise<CountedMetrics | null>
  }

  #ask(ask: Question['ask']): Promise<unknown> {
    if (!this.#isStarted || !this.#child.connected) return Promise.resolve(null)
    const id = ++this.#asked
    // No race with the end: a promise that is not settled for weeks would keep every answer that was raced with it.
    return new Promise((resolve) => {
      const settle = (answer: unknown) => {
        clearTimeout(patience)
        this.#open.delete(id)
        resolve(answer)
      }
      const patience = setTimeout(settle, ANSWER_MS, null)
      this.#open.set(id, settle)
      // One that cannot be asked any more ends.
      this.#child.send({ id, ask } satisfies Question, () => undefined)
    })
  }
}
