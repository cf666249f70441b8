import { Writable } from 'node:stream'

const BAR_WIDTH = 28

/**
 * Follows the worker through its own log: every ended stage is a step of the way. On a terminal it draws a bar
 * in place, elsewhere a line for each task that ends.
 */
export class Progress {
  readonly #out: NodeJS.WriteStream
  readonly #totalStages: number
  readonly #totalTasks: number
  readonly #startedAtMs = performance.now()
  #stages = 0
  #tasks = 0

  constructor(out: NodeJS.WriteStream, totalStages: number, totalTasks: number) {
    this.#out = out
    this.#totalStages = totalStages
    this.#totalTasks = totalTasks
  }

  /** One line of what is going on. */
  say(text: string): void {
    this.#clear()
    this.#out.write(`${text}\n`)
  }

  /** A destination for the log: it hears each line, and hands it on to `sink`, whose failures are the owner's affair. */
  follow(sink: Writable): Writable {
    return new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, done) => {
        this.#hear(line)
        sink.write(line, () => done())
      },
    })
  }

  #hear(line: string): void {
    const { msg, taskId } = JSON.parse(line) as { msg?: string; taskId?: string }
    if (msg === 'stage ended') this.#stages++
    else if (msg === 'task completed' || msg === 'task failed') {
      this.#tasks++
      if (!this.#out.isTTY)
        this.say(`${this.#elapsed()}  ${msg}: ${taskId} (${this.#tasks} of ${this.#totalTasks})`)
    } else return
    this.#draw()
  }

  #draw(): void {
    if (!this.#out.isTTY) return
    const share = Math.min(1, this.#stages / this.#totalStages)
    const filled = Math.round(share * BAR_WIDTH)
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
    const percent = `${Math.round(share * 100)} %`.padStart(5)
    this.#clear()
    this.#out.write(`${bar} ${percent}  ${this.#tasks} of ${this.#totalTasks} tasks  ${this.#elapsed()}`)
  }

  /** Leaves the bar behind. */
  end(): void {
    if (this.#out.isTTY) this.#out.write('\n')
  }

  #clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[2K')
  }

  #elapsed(): string {
    return `${((performance.now() - this.#startedAtMs) / 1000).toFixed(1)} s`
  }
}
