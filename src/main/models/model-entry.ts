import { parentPort, workerData } from 'node:worker_threads'
import { Failure } from '../../processors/failure.ts'
import { GuardedDownload } from '../download/guarded-download.ts'
import { guardGlobalFetch } from './global-fetch.ts'
import { HuggingFaceModels, MAX_IMAGE_BYTES, type ModelOptions } from './hugging-face.ts'
import type { ModelAnswer, ModelCall, ModelMessage } from './model-protocol.ts'
import { toPlain } from './plain-failure.ts'
import { WithheldError } from './withheld-error.ts'

// The entry of the thread that calls the models, whose settings it is given.

/** For an image that an answer names, from the lookup to the last byte. */
const RESULT_TIMEOUT_MS = 30_000

guardGlobalFetch()
const port = parentPort!
const models = new HuggingFaceModels(
  workerData as ModelOptions,
  new GuardedDownload({ maxBytes: MAX_IMAGE_BYTES, timeoutMs: RESULT_TIMEOUT_MS }),
)
const underWay = new Map<number, AbortController>()

port.on('message', (message: ModelMessage) => {
  if (message.call === 'cancel') underWay.get(message.id)?.abort()
  else void answer(message)
})

/** Nobody waits for the answer to a call that was cancelled. */
async function answer(call: ModelCall): Promise<void> {
  const cancelling = new AbortController()
  underWay.set(call.id, cancelling)
  const result = await resultOf(call, cancelling.signal)
  underWay.delete(call.id)
  if (cancelling.signal.aborted) return
  const isImage = result.ok && typeof result.value !== 'string'
  port.postMessage(result, isImage ? [result.value.buffer] : [])
}

async function resultOf(call: ModelCall, signal: AbortSignal): Promise<ModelAnswer> {
  const { id } = call
  try {
    const value = await valueOf(call, signal)
    return { id, ok: true, value: typeof value === 'string' ? value : withOwnMemory(value) }
  } catch (error) {
    const failure =
      error instanceof Failure
        ? error
        : new Failure('internal', 'a call to a model broke down', { cause: new WithheldError(error) })
    return { id, ok: false, failure: toPlain(failure) }
  }
}

async function valueOf(call: ModelCall, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | string> {
  switch (call.call) {
    case 'generateImage':
      return models.generateImage(call.request, signal)
    case 'refineImage':
      return models.refineImage(call.request, signal)
    case 'suggestPalettes':
      return `[${(await models.suggestPalettes(call.request, signal)).map(jsonOf).join()}]`
  }
}

/** What nests deeper than it can be written, as it may before Node 26, is no palette, and takes none of the others along. */
function jsonOf(suggested: unknown): string {
  try {
    return JSON.stringify(suggested)
  } catch {
    return 'null'
  }
}

/** What else lies in the memory would leave with it. */
function withOwnMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
}
