import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { NODE_FLAGS } from './node-flags.ts'

/** A process of a benchmark's own, from a TypeScript file, which talks to this one in messages. */
export class BenchProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  /** `input` is what the file finds as JSON in its first argument. */
  constructor(file: URL, input: unknown, env: Readonly<Record<string, string>> = {}) {
    this.#child = fork(file, [JSON.stringify(input)], {
      execArgv: [...NODE_FLAGS, '--import', 'tsx'],
      env: { ...process.env, ...env },
      // Standard output belongs to the benchmark's own table.
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#exited = once(this.#child, 'exit')
  }

  /** The next message. Rejects where the process ends first. */
  async next<T>(): Promise<T> {
    const ended = this.#exited.then(() => {
      throw new Error('a process of the benchmark has ended too soon')
    })
    const [message] = (await Promise.race([once(this.#child, 'message'), ended])) as [T]
    return message
  }

  /** Sends a message and answers the next one that comes. */
  ask<T>(message: string): Promise<T> {
    const answer = this.next<T>()
    this.#child.send(message)
    return answer
  }

  /** Lets go of it, which is its sign to stop; resolves when it has ended. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
  }
}

/** In such a process: what it was given. */
export function processInput(): unknown {
  return JSON.parse(process.argv[2] ?? '')
}

/** In such a process: says something to the benchmark. */
export function tell(message: unknown): void {
  process.send?.(message)
}
