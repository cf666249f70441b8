import { write, writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

/** Some ten thousand lines: for a reader that is slow for a while. */
const MAX_WAITING_CHARACTERS = 4 * 1024 * 1024
/** A pipe takes so many bytes whole or not at all, so that processes that share one do not mix their lines (POSIX). */
const WHOLE_BYTES = 4096
/** Before what could not be written is tried again. */
const RETRY_MS = 200
/** For the last lines when the process ends: its end waits no longer for a reader. */
const LAST_LINES_MS = 1_000

/**
 * Standard output as the log's destination. The worker goes on where it cannot be written, be it that nobody reads the
 * pipe, that the disk is full or that the reader is gone: lines wait, so many of them at most, and are written once that
 * is possible; further ones are left out and counted. Nor does the end of the process wait for it for long. (pino's own
 * destination tries the last lines for ever on a disk that is full.)
 */
export class LogOutput implements DestinationStream {
  // Node makes a pipe answer at once, full or not, when it first opens the stream.
  readonly #fd = process.stdout.fd
  /** What is being written, or is to be written next. */
  #rest: Buffer = Buffer.alloc(0)
  #lines: string[] = []
  #waitingCharacters = 0
  #leftOut = 0
  #isWriting = false
  #retry: NodeJS.Timeout | undefined

  constructor() {
    process.once('exit', () => this.#writeLast())
  }

  write(line: string): void {
    if (this.#waitingCharacters + line.length > MAX_WAITING_CHARACTERS) {
      this.#leftOut++
      return
    }
    this.#lines.push(line)
    this.#waitingCharacters += line.length
    if (!this.#isWriting && this.#retry === undefined) this.#writeNext()
  }

  #writeNext(): void {
    if (!this.#takeNext()) return
    this.#isWriting = true
    write(this.#fd, this.#rest, (error, count) => {
      this.#isWriting = false
      if (!error) {
        this.#rest = this.#rest.subarray(count)
        this.#writeNext()
        return
      }
      this.#retry = setTimeout(() => {
        this.#retry = undefined
        this.#writeNext()
      }, RETRY_MS).unref()
    })
  }

  /** Takes as many lines as are written whole, or a longer one. Whether there is anything to write. */
  #takeNext(): boolean {
    if (this.#rest.length > 0) return true
    if (this.#lines.length === 0 && this.#leftOut > 0) {
      this.#lines.push(leftOutLine(this.#leftOut))
      this.#leftOut = 0
    }
    let count = 0
    let bytes = 0
    do bytes += Buffer.byteLength(this.#lines[count++] ?? '')
    while (count < this.#lines.length && bytes + Buffer.byteLength(this.#lines[count]!) <= WHOLE_BYTES)
    const text = this.#lines.splice(0, count).join('')
    this.#waitingCharacters = Math.max(0, this.#waitingCharacters - text.length)
    this.#rest = Buffer.from(text)
    return this.#rest.length > 0
  }

  #writeLast(): void {
    // What is being written at this moment is written by a thread, which ends before the process does.
    if (this.#isWriting) this.#rest = Buffer.alloc(0)
    const limitMs = performance.now() + LAST_LINES_MS
    while (this.#takeNext()) {
      try {
        this.#rest = this.#rest.subarray(writeSync(this.#fd, this.#rest))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > limitMs) return
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS / 10)
      }
    }
  }
}

function leftOutLine(lines: number): string {
  return `${JSON.stringify({ level: 40, time: Date.now(), lines, msg: 'lines of the log were left out' })}\n`
}
