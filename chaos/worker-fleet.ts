import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** pino's level. */
const ERROR = 50

const BIN = fileURLToPath(new URL('../dist/main/launch.cjs', import.meta.url))

/** How a worker process ended. */
export type WorkerEnd = {
  readonly pid: number
  readonly asked: 'SIGKILL' | 'SIGTERM' | null
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Whether it had begun to work. */
  readonly hadStarted: boolean
  readonly atMs: number
  /** The last error in its log. */
  readonly lastError: string | null
}

type WorkerProcess = {
  readonly child: ChildProcess
  readonly ended: Promise<WorkerEnd>
  asked: 'SIGKILL' | 'SIGTERM' | null
  hasStarted: boolean
  lastError: string | null
}

/** Worker processes as an operator's supervisor keeps them: one that has ended is replaced. */
export class WorkerFleet {
  readonly ends: WorkerEnd[] = []
  /** Claims that workers said they had lost. */
  leasesLost = 0
  readonly #env: NodeJS.ProcessEnv
  readonly #workers: (WorkerProcess | undefined)[]
  #replacing = true

  constructor(size: number, env: Readonly<Record<string, string>>) {
    this.#env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env }
    this.#workers = Array.from({ length: size }, () => undefined)
  }

  get size(): number {
    return this.#workers.length
  }

  /** Resolves when all of them work. */
  async start(): Promise<void> {
    await Promise.all(this.#workers.map((_, place) => this.#startAt(place)))
  }

  /**
   * Ends the worker at that place, or the next one that is not ending already. Answers which, and when it is gone; null
   * where all of them are ending. Another takes its place.
   */
  end(place: number, signal: 'SIGKILL' | 'SIGTERM'): { place: number; gone: Promise<unknown> } | null {
    for (let i = 0; i < this.size; i++) {
      const chosen = (place + i) % this.size
      const worker = this.#workers[chosen]
      if (worker && askToEnd(worker, signal)) return { place: chosen, gone: worker.ended }
    }
    return null
  }

  /** Asks all of them to stop, replaces none any more, and resolves when they are gone. */
  async stop(): Promise<void> {
    this.#replacing = false
    for (const worker of this.#workers) if (worker) askToEnd(worker, 'SIGTERM')
    for (const worker of this.#workers) await worker?.ended
  }

  #startAt(place: number): Promise<void> {
    const child = spawn(process.execPath, [BIN, 'start'], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ready = new Promise<void>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        const { msg, level } = JSON.parse(line) as { msg?: string; level: number }
        if (level >= ERROR) worker.lastError = line
        if (msg === 'worker started') {
          worker.hasStarted = true
          resolve()
        } else if (msg === 'claim lost') this.leasesLost++
      })
    })
    const worker: WorkerProcess = {
      child,
      ended: this.#end(child, place),
      asked: null,
      hasStarted: false,
      lastError: null,
    }
    this.#workers[place] = worker
    return Promise.race([ready, worker.ended.then(() => undefined)])
  }

  async #end(child: ChildProcess, place: number): Promise<WorkerEnd> {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    const { asked = null, hasStarted: hadStarted = false, lastError = null } = this.#workers[place] ?? {}
    const end = { pid: child.pid ?? 0, asked, code, signal, hadStarted, atMs: Date.now(), lastError }
    this.ends.push(end)
    if (this.#replacing) void this.#startAt(place)
    return end
  }
}

/** False for one that was asked before, or has ended by itself. */
function askToEnd(worker: WorkerProcess, signal: 'SIGKILL' | 'SIGTERM'): boolean {
  if (worker.asked || !worker.child.kill(signal)) return false
  worker.asked = signal
  return true
}
