import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { NODE_FLAGS } from './node-flags.ts'

/** Environment of a process: what is undefined is taken out of that of this one. */
export type ProcessEnv = Readonly<Record<string, string | undefined>>

type Answer<T> = { readonly value: T } | { readonly error: string }

/** A process that measures with an environment of its own, and answers one question after the other. */
export class MeasuringProcess<Question extends object, Value> {
  readonly #process: ChildProcess

  /** `entry` is a module that calls {@link answerQuestions}. */
  constructor(entry: URL, env: ProcessEnv) {
    this.#process = fork(entry, {
      // With heaps as a worker has them, whatever this process runs with.
      execArgv: [...NODE_FLAGS, '--import', 'tsx'],
      env: { ...process.env, ...env },
      serialization: 'advanced',
    })
  }

  async ask(question: Question): Promise<Value> {
    const ended = new AbortController()
    try {
      const exit = once(this.#process, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`the measuring process has ended with ${String(code)}`)
      })
      const answer = once(this.#process, 'message', { signal: ended.signal }) as Promise<[Answer<Value>]>
      this.#process.send(question)
      const [message] = await Promise.race([answer, exit])
      if ('error' in message) throw new Error(message.error)
      return message.value
    } finally {
      ended.abort()
    }
  }

  /** Ends it once it has put away what it uses. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.disconnect()
    await exit
  }
}

/** Answers the questions of the process that started this one, and calls `stop` when that is done with it. */
export function answerQuestions(
  answer: (question: never) => Promise<unknown>,
  stop: () => Promise<unknown>,
): void {
  process.on('message', (question) => {
    answer(question as never).then(
      (value) => process.send?.({ value }),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  process.once('disconnect', () => void stop().finally(() => process.exit()))
}
