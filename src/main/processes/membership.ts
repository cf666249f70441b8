import type { CountedMetrics, Message, Question, Readiness } from './protocol.ts'

/** What a process can be asked for. */
export type Answers = {
  readonly readiness: () => Promise<Readiness>
  readonly metrics: () => Promise<CountedMetrics>
}

/** The side of a process that shares its work with others. */
export class Membership {
  /** Resolves when the primary is gone: without it nobody stops or restarts this process. */
  readonly orphaned = new Promise<'orphaned'>((resolve) => {
    process.once('disconnect', () => resolve('orphaned'))
    // It may have been killed while this process was still loading its code.
    if (!process.connected) resolve('orphaned')
  })

  /** Tells the primary that the worker has started, and answers its questions from then on. */
  begin(answers: Answers): void {
    process.on('message', ({ id, ask }: Question) => {
      // What cannot be answered now is missed by the primary.
      answers[ask]().then(
        (answer) => this.#tell({ id, answer }),
        () => undefined,
      )
    })
    this.#tell({ started: true })
  }

  /** Lets the process end. */
  end(): void {
    if (process.connected) process.disconnect()
  }

  #tell(message: Message): void {
    // A primary that is gone at this moment is noticed by itself.
    if (process.connected) process.send?.(message, () => undefined)
  }
}
