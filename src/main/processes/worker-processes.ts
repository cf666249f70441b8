import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { MemberProcess, type Ending } from './member-process.ts'
import type { CountedMetrics, Readiness } from './protocol.ts'

/** Before one that has ended by itself is started again: doubled each time, and short again after a steady run. */
const RESTART = { firstMs: 1_000, mostMs: 60_000, steadyMs: 60_000 }

/**
 * The processes that share the work of one machine, as the primary keeps them: it starts them, starts one again that
 * ends by itself, hands signals on, and asks them what it answers for all of them.
 */
export class WorkerProcesses {
  readonly #environments: readonly Readonly<Record<string, string>>[]
  readonly #log: Logger
  readonly #stopping = new AbortController()
  /** By place; none where it could not be made. */
  readonly #members = new Map<number, MemberProcess>()
  readonly #kept: Promise<void>[] = []
  #lost = 0

  /** One process for each environment. */
  constructor(environments: readonly Readonly<Record<string, string>>[], log: Logger) {
    this.#environments = environments
    this.#log = log
  }

  /**
   * Resolves with null once all have started, the first before the others: what keeps it from starting (a mistake in
   * the environment, a service that does not answer) would keep them all, and the schema is migrated once. Resolves
   * with the ending of the one that has not started, if there is one.
   */
  async start(): Promise<Ending | null> {
    const [first, ...others] = this.#environments.keys()
    return (await this.#startFirstTime(first!)) ?? (await this.#startOthers(others))
  }

  async #startOthers(places: readonly number[]): Promise<Ending | null> {
    const endings = await Promise.all(places.map((at) => this.#startFirstTime(at)))
    return endings.find((ending) => ending !== null) ?? null
  }

  async #startFirstTime(at: number): Promise<Ending | null> {
    if (this.#stopping.signal.aborted) return null
    const member = this.#make(at)
    if (!member) return { code: null, signal: null }
    if (!(await member.started)) return member.ended
    this.#kept.push(this.#keep(at, member))
    return null
  }

  /** Null where it cannot be made, such as with too little memory for another process. */
  #make(at: number): MemberProcess | null {
    let member: MemberProcess
    try {
      member = new MemberProcess(at + 1, this.#environments[at]!)
    } catch (cause) {
      this.#log.error({ process: at + 1, err: cause }, 'a worker process could not be made')
      return null
    }
    this.#members.set(at, member)
    void member.started.then((isStarted) => {
      if (isStarted) this.#log.info({ process: at + 1, pid: member.pid }, 'worker process started')
    })
    return member
  }

  /** Sees to it that there is a process in this place, until a stop is asked for. */
  async #keep(at: number, first: MemberProcess): Promise<void> {
    const { signal } = this.#stopping
    let waitMs = RESTART.firstMs
    for (let member: MemberProcess | null = first; ; member = this.#make(at)) {
      if (member) {
        const ending = await member.ended
        if (signal.aborted) return
        this.#lost++
        if (member.ageMs > RESTART.steadyMs) waitMs = RESTART.firstMs
        this.#log.error({ process: at + 1, ...ending, againInMs: waitMs }, 'a worker process ended by itself')
      }
      await delay(waitMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      waitMs = Math.min(2 * waitMs, RESTART.mostMs)
    }
  }

  /**
   * Asks all of them to stop, and resolves with the exit code of the whole when they have: the first that is not 0. What
   * has not ended after `limitMs` is killed: a process that is held or whose main thread hangs keeps no bound itself.
   */
  async stop(name: NodeJS.Signals, limitMs: number): Promise<number> {
    this.#stopping.abort()
    this.kill(name)
    const limit = setTimeout(() => this.#killLeft(), limitMs)
    const inHand = [...this.#members.values()].filter((member) => !member.hasEnded)
    const endings = await Promise.all(
      // What ended by itself before has been told of.
      inHand.map(async (member) => ({ ...(await member.ended), isStarted: member.isStarted })),
    )
    clearTimeout(limit)
    await Promise.all(this.#kept)
    // One that has not started has nothing to end, and a signal ends it.
    return endings.map(({ code, isStarted }) => code ?? Number(isStarted)).find((code) => code !== 0) ?? 0
  }

  #killLeft(): void {
    const left = [...this.#members].filter(([, member]) => !member.hasEnded)
    this.#log.error({ processes: left.map(([at]) => at + 1) }, 'worker processes did not end and are killed')
    for (const [, member] of left) member.kill('SIGKILL')
  }

  kill(name: NodeJS.Signals): void {
    for (const member of this.#members.values()) member.kill(name)
  }

  /** A check holds where it holds in every process; `processes` says whether each is there and answers. */
  async readiness(): Promise<Readiness> {
    const answers = await Promise.all(Array.from(this.#members.values(), (member) => member.readiness()))
    const all = answers.filter((answer) => answer !== null)
    const names = new Set(all.flatMap((answer) => Object.keys(answer)))
    return {
      ...Object.fromEntries([...names].map((name) => [name, all.every((answer) => answer[name])])),
      processes: all.length === this.#environments.length,
    }
  }

  /** What each has counted since it was started; those that do not answer are left out. */
  async metrics(): Promise<{ number: number; metrics: CountedMetrics }[]> {
    const answers = await Promise.all(
      Array.from(this.#members, async ([at, member]) => ({
        number: at + 1,
        metrics: await member.metrics(),
      })),
    )
    return answers.flatMap(({ number, metrics }) => (metrics === null ? [] : [{ number, metrics }]))
  }

  /** How many answer as processes that have started, and how many have ended by themselves so far. */
  get counts(): { running: number; lost: number } {
    const running = [...this.#members.values()].filter((member) => member.isRunning).length
    return { running, lost: this.#lost }
  }
}
