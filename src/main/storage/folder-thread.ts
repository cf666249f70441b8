import { Piscina } from 'piscina'
import { Failure } from '../../processors/failure.ts'
import type { FolderAnswer, FolderRequest, FolderValues } from './folder-protocol.ts'

/** So that the thread has something to do while the main thread takes in its last answers. */
const MAX_BATCHES = 2
/** Each file of a batch is open until it is on the disk. */
const MAX_BATCH_CALLS = 256

type Waiting = {
  readonly request: FolderRequest
  readonly resolve: (answer: FolderAnswer) => void
  readonly reject: (error: unknown) => void
}

/** What the file system said, as its own error would say it. */
export class FolderError extends Error {
  override readonly name = 'FolderError'
  readonly code: string | undefined

  constructor(message: string, code: string | undefined) {
    super(message)
    this.code = code
  }
}

/**
 * The thread that works on a folder of images. To hand something to another thread costs the main thread more than
 * most calls of the file system take: here it does so once for all calls of a moment, and not for each step of each.
 *
 * The thread starts with the first call, and keeps no process alive that has none. A file system that hangs holds up
 * everything in this thread; no caller waits for it longer than `timeoutMs`.
 */
export class FolderThread {
  readonly #root: string
  readonly #timeoutMs: number
  readonly #batches = new Set<readonly Waiting[]>()
  #thread: Piscina<readonly FolderRequest[], readonly FolderAnswer[]>
  #queue: Waiting[] = []
  #isScheduled = false
  #isHung = false

  constructor(root: string, timeoutMs: number) {
    this.#root = root
    this.#timeoutMs = timeoutMs
    this.#thread = this.#start()
  }

  /** Throws a {@link FolderError}, or a Failure where no answer comes in time. */
  async call<R extends FolderRequest>(request: R): Promise<FolderValues[R['call']]> {
    if (this.#isHung) throw this.#noAnswer()
    // Memory that was given away is empty, and no image is.
    if (request.call === 'put' && request.bytes.byteLength === 0)
      throw new FolderError('no bytes to write', undefined)
    const answer = await new Promise<FolderAnswer>((resolve, reject) => {
      this.#queue.push({ request, resolve, reject })
      this.#sendSoon()
    })
    if (!answer.ok) throw new FolderError(answer.message, answer.code)
    return answer.value as FolderValues[R['call']]
  }

  /** Ends the thread; does not resolve while a call of the file system hangs. End the calls in hand first. */
  close(): Promise<void> {
    return this.#thread.destroy()
  }

  #start(): Piscina<readonly FolderRequest[], readonly FolderAnswer[]> {
    const fromSources = import.meta.url.endsWith('.ts')
    const thread = new Piscina<readonly FolderRequest[], readonly FolderAnswer[]>({
      filename: new URL(`folder-entry.${fromSources ? 'ts' : 'js'}`, import.meta.url).href,
      // Run from the sources, a thread needs the loader for TypeScript; built, it needs nothing.
      execArgv: fromSources ? ['--import', 'tsx'] : [],
      workerData: this.#root,
      minThreads: 0,
      maxThreads: 1,
      concurrentTasksPerWorker: MAX_BATCHES,
      idleTimeout: Infinity,
      recordTiming: false,
      // A thread that waits in Atomics.wait would hear nothing of what it waits for from the disk.
      atomics: 'disabled',
    })
    // One that ended while it was made is not replaced, and its calls would wait for ever. (An unheard error would end the
    // process.)
    thread.on('error', (error) => {
      if (thread !== this.#thread || this.#batches.size === 0) return
      for (const { reject } of [...this.#batches].flat()) reject(error)
      this.#thread = this.#start()
      void thread.destroy()
    })
    return thread
  }

  /** What is asked for in the same turn of the event loop goes along. */
  #sendSoon(): void {
    if (this.#isScheduled || this.#queue.length === 0 || this.#batches.size >= MAX_BATCHES) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      void this.#send()
    })
  }

  async #send(): Promise<void> {
    const batch = this.#queue.splice(0, MAX_BATCH_CALLS)
    this.#batches.add(batch)
    this.#sendSoon()
    const timer = setTimeout(() => this.#giveUp(), this.#timeoutMs)
    try {
      const requests = batch.map(({ request }) => request)
      const answers = await this.#thread.run(requests, { transferList: requests.flatMap(ownMemory) })
      answers.forEach((answer, i) => batch[i]?.resolve(answer))
    } catch (error) {
      // Where it cannot make a thread Piscina throws and keeps the batch, and when it is ended it fails that once more, which
      // nobody hears: an unheard rejection would end the process. Without a thread it has nothing to end.
      if (this.#thread.threads.length === 0 && this.#thread.queueSize > 0) this.#thread = this.#start()
      for (const { reject } of batch) reject(error)
    } finally {
      clearTimeout(timer)
      this.#batches.delete(batch)
      this.#isHung = false
      this.#sendSoon()
    }
  }

  /** Until the thread answers all the same, nobody is kept waiting. */
  #giveUp(): void {
    this.#isHung = true
    for (const { reject } of [...this.#batches].flat().concat(this.#queue.splice(0))) reject(this.#noAnswer())
  }

  #noAnswer(): Failure {
    return new Failure('timeout', `the image storage did not answer within ${this.#timeoutMs} ms`)
  }
}

/** The memory of bytes that may be taken along; others are copied. */
function ownMemory(request: FolderRequest): ArrayBuffer[] {
  if (request.call !== 'put' || !request.isGivenAway) return []
  const { buffer, byteLength } = request.bytes
  return byteLength === buffer.byteLength ? [buffer] : []
}
