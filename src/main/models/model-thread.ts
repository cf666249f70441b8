import { Worker, type WorkerOptions } from 'node:worker_threads'
import { Failure } from '../../processors/failure.ts'
import { ModelThreadLost } from '../../processors/lost-calls.ts'
import type { ImageModels, PaletteModel } from '../../processors/services.ts'
import type { ModelOptions } from './hugging-face.ts'
import type { ModelAnswer, ModelCall, ModelMessage, ModelRequests } from './model-protocol.ts'
import { fromPlain } from './plain-failure.ts'
import { WithheldError } from './withheld-error.ts'

/**
 * For texts: the bytes of answers and images lie outside of the heap. An answer of 32 MiB that holds its image in JSON
 * takes up to 250 MiB for a moment, one after the other; a thread that needs more is better replaced.
 */
const MAX_HEAP_MIB = 1024
/** Beyond the deadline of a call, which is the thread's to keep. */
const PATIENCE_MS = 10_000

const FROM_SOURCES = import.meta.url.endsWith('.ts')
const OWN_ENTRY = new URL(`model-entry.${FROM_SOURCES ? 'ts' : 'js'}`, import.meta.url)

type Waiting = {
  readonly resolve: (value: Uint8Array<ArrayBuffer> | string) => void
  readonly reject: (error: unknown) => void
}

export type ModelThreadOptions = {
  /** Hears of every thread that was lost, with the number of calls that it had. The text of its own error is withheld. */
  readonly onThreadLost?: (lost: ModelThreadLost, calls: number) => void
  /** The module that the thread runs; the calls to the models where unset. */
  readonly entry?: URL
  readonly maxHeapMib?: number
}

/**
 * The thread that calls the models: HTTP, decompression, JSON and base64 are its work, so that no answer, however large,
 * holds up the main thread. Images go over without being copied.
 *
 * It starts with the first call, and keeps no process alive that has none. When it crashes, runs out of memory or
 * answers no more, its calls fail with `internal` and {@link ModelThreadLost}, and the next one gets a new thread.
 */
export class ModelThread implements ImageModels, PaletteModel {
  readonly #settings: ModelOptions
  readonly #options: ModelThreadOptions
  /** The calls that are under way, the oldest first. */
  readonly #waiting = new Map<number, Waiting>()
  #thread: Worker | null = null
  /** Threads that have been told to end. */
  readonly #ending = new Set<Promise<unknown>>()
  #watch: NodeJS.Timeout | undefined
  #lastId = 0
  #isStopped = false

  constructor(settings: ModelOptions, options: ModelThreadOptions = {}) {
    this.#settings = settings
    this.#options = options
  }

  generateImage(
    request: ModelRequests['generateImage'],
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call({ call: 'generateImage', id: ++this.#lastId, request }, signal)
  }

  refineImage(request: ModelRequests['refineImage'], signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { buffer, byteLength } = request.image.bytes
    return this.#call(
      { call: 'refineImage', id: ++this.#lastId, request },
      signal,
      byteLength === buffer.byteLength ? [buffer] : [],
    )
  }

  async suggestPalettes(
    request: ModelRequests['suggestPalettes'],
    signal: AbortSignal,
  ): Promise<readonly unknown[]> {
    const call = { call: 'suggestPalettes', id: ++this.#lastId, request } as const
    return JSON.parse(await this.#call<string>(call, signal)) as readonly unknown[]
  }

  /**
   * Ends the thread, and with it every connection; end the calls in hand first. A thread cannot end before the name
   * lookups that it began, of which one may hang.
   */
  async stop(): Promise<void> {
    this.#isStopped = true
    const thread = this.#thread
    this.#letGo(new Failure('internal', 'the calls to the models have ended'))
    if (thread) this.#end(thread)
    await Promise.all(this.#ending)
  }

  #call<T extends Uint8Array<ArrayBuffer> | string>(
    call: ModelCall,
    signal: AbortSignal,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      signal.throwIfAborted()
      if (this.#isStopped) throw new Failure('internal', 'the calls to the models have ended')
      const thread = (this.#thread ??= this.#start())
      const { id } = call
      const post = (message: ModelMessage, transferred = transfer) => thread.postMessage(message, transferred)
      const cancel = () => {
        post({ call: 'cancel', id }, [])
        this.#take(id)?.reject(signal.reason)
      }
      const stopListening = () => signal.removeEventListener('abort', cancel)
      post(call)
      if (this.#waiting.size === 0) thread.ref()
      this.#waiting.set(id, {
        resolve: (value) => {
          stopListening()
          resolve(value as T)
        },
        reject: (error) => {
          stopListening()
          reject(error)
        },
      })
      signal.addEventListener('abort', cancel, { once: true })
    })
  }

  #start(): Worker {
    const { entry, maxHeapMib = MAX_HEAP_MIB } = this.#options
    const thread = newThread(entry ?? OWN_ENTRY, {
      workerData: this.#settings,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
    })
    thread.unref()
    thread.on('message', (answer: ModelAnswer) => this.#settle(answer))
    thread.once('error', (error) =>
      this.#lose(thread, new ModelThreadLost('it crashed', { cause: new WithheldError(error) })),
    )
    thread.once('exit', (code) => this.#lose(thread, new ModelThreadLost(`it ended with exit code ${code}`)))
    let oldest: number | undefined
    this.#watch = setInterval(() => {
      const [first] = this.#waiting.keys()
      if (first !== undefined && first === oldest) {
        this.#lose(thread, new ModelThreadLost('it answers no more'))
      }
      oldest = first
    }, this.#settings.timeoutMs + PATIENCE_MS).unref()
    return thread
  }

  #settle(answer: ModelAnswer): void {
    const waiting = this.#take(answer.id)
    if (answer.ok) waiting?.resolve(answer.value)
    else waiting?.reject(fromPlain(answer.failure))
  }

  /** Undefined for a call that was cancelled meanwhile. */
  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (this.#waiting.delete(id) && this.#waiting.size === 0) this.#thread?.unref()
    return waiting
  }

  #lose(thread: Worker, lost: ModelThreadLost): void {
    if (thread !== this.#thread) return
    this.#options.onThreadLost?.(lost, this.#waiting.size)
    this.#letGo(new Failure('internal', 'the thread that calls the models was lost', { cause: lost }))
    this.#end(thread)
  }

  #end(thread: Worker): void {
    const ending = thread.terminate().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  #letGo(failure: Failure): void {
    clearInterval(this.#watch)
    this.#thread = null
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(failure)
  }
}

/** Run from the sources, a thread needs the loader for TypeScript; built, it needs nothing. */
function newThread(entry: URL, options: WorkerOptions): Worker {
  if (!FROM_SOURCES) return new Worker(entry, { ...options, execArgv: [] })
  const imported = `import(${JSON.stringify(entry.href)})`
  const load = `import('tsx/esm/api').then(({ register }) => { register(); return ${imported} })`
  return new Worker(load, { ...options, eval: true, execArgv: [] })
}
