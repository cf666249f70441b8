import {
  InferenceClient,
  InferenceClientInputError,
  InferenceClientRoutingError,
  setLogger,
} from '@huggingface/inference'
import { Agent, type Dispatcher } from 'undici'
import type { CallIdentity } from '../../processors/call-identity.ts'
import { Failure } from '../../processors/failure.ts'
import type { ImageModels, PaletteModel, PaletteRequest } from '../../processors/services.ts'
import type { EncodedImage } from '../../threads/protocol.ts'
import type { ModelTarget } from '../config/model-settings.ts'
import type { Provider } from '../config/model-variables.ts'
import type { Fetch } from './bounded-fetch.ts'
import { replaceGlobalFetch } from './global-fetch.ts'
import { modelFetches, type CallBounds, type ResultDownload } from './model-fetches.ts'
import { parsePaletteAnswer } from './palette-answer.ts'
import { PALETTE_SCHEMA, paletteMessages } from './palette-prompt.ts'
import { ReadBlob } from './read-answer.ts'
import { transportFailure } from './response-failure.ts'
import { WithheldError } from './withheld-error.ts'

/** Of an answer that holds an image, or of the image that it points to. */
export const MAX_IMAGE_BYTES = 32 * 1024 * 1024
const MAX_CHAT_BYTES = 1024 * 1024

/** The client tells the console which provider it picks; what the worker writes there is its log. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {}, log() {} }

export type ModelOptions = {
  readonly token: string | null
  /** For tasks with neither a provider nor an endpoint of their own; null: the providers that the account prefers. */
  readonly endpointUrl: string | null
  readonly image: ModelTarget
  readonly edit: ModelTarget
  readonly palette: ModelTarget
  /** Bound of one call from the request to the last byte. */
  readonly timeoutMs: number
}

/** What one call is made with: where to, and the client's own options. */
type Call = {
  readonly target: { readonly model: string } & (
    { readonly endpointUrl: string } | { readonly provider: Provider }
  )
  readonly options: {
    readonly fetch: Fetch
    readonly signal: AbortSignal
    readonly retry_on_error: false
  }
}

/**
 * The remote models through Hugging Face's client: routed providers, or one endpoint that speaks the same. The
 * call itself goes where the configuration says, whatever address that is; what an answer points to is fetched
 * through `results`. It relies on {@link guardGlobalFetch}.
 */
export class HuggingFaceModels implements ImageModels, PaletteModel {
  readonly #client: InferenceClient
  readonly #options: ModelOptions
  readonly #results: ResultDownload
  readonly #dispatcher: Dispatcher

  /** `dispatcher` makes the connections of the calls, and is closed with `stop`. */
  constructor(
    options: ModelOptions,
    results: ResultDownload,
    // The call's own deadline bounds these too.
    dispatcher: Dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 }),
  ) {
    this.#options = options
    this.#results = results
    this.#dispatcher = dispatcher
    this.#client = new InferenceClient(options.token ?? '')
    setLogger(SILENT)
  }

  /** Closes every connection; end the calls in hand first. */
  stop(): Promise<void> {
    return this.#dispatcher.destroy()
  }

  generateImage(
    { prompt, seed, idempotencyKey }: CallIdentity & { prompt: string },
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { image } = this.#options
    const bounds = { subject: 'the image model', maxBytes: MAX_IMAGE_BYTES, idempotencyKey }
    return this.#call(bounds, image, signal, async (call) =>
      imageBytes(
        'the image model',
        await this.#client.textToImage(
          {
            ...call.target,
            inputs: prompt,
            parameters: { ...image.parameters, seed },
          },
          { ...call.options, outputType: 'blob' },
        ),
      ),
    )
  }

  refineImage(
    { image, prompt, seed, idempotencyKey }: CallIdentity & { image: EncodedImage; prompt: string },
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { edit } = this.#options
    const bounds = { subject: 'the edit model', maxBytes: MAX_IMAGE_BYTES, idempotencyKey }
    return this.#call(bounds, edit, signal, async (call) =>
      imageBytes(
        'the edit model',
        await this.#client.imageToImage(
          {
            ...call.target,
            inputs: new Blob([image.bytes], { type: image.contentType }),
            parameters: { ...edit.parameters, prompt, seed },
          },
          call.options,
        ),
      ),
    )
  }

  suggestPalettes(request: PaletteRequest, signal: AbortSignal): Promise<readonly unknown[]> {
    const subject = 'the palette model'
    const { palette } = this.#options
    const bounds = { subject, maxBytes: MAX_CHAT_BYTES, idempotencyKey: request.idempotencyKey }
    return this.#call(bounds, palette, signal, async (call) => {
      const answer = await this.#client.chatCompletion(
        {
          ...palette.parameters,
          ...call.target,
          messages: paletteMessages(request),
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'palettes', schema: PALETTE_SCHEMA, strict: true },
          },
          seed: request.seed,
        },
        call.options,
      )
      const content: unknown = answer.choices?.[0]?.message?.content
      if (typeof content !== 'string') {
        throw new Failure('invalid_output', `${subject} answered without a message`)
      }
      return parsePaletteAnswer(content)
    })
  }

  /** An endpoint gets the model's name too: a chat server that holds several picks by it. */
  #address({ model, provider, endpointUrl: own }: ModelTarget): Call['target'] {
    const endpointUrl = own ?? (provider === null ? this.#options.endpointUrl : null)
    return endpointUrl === null ? { model, provider: provider ?? 'auto' } : { model, endpointUrl }
  }

  /** One call with its deadline. When the caller's own signal aborts, its reason is thrown as it is. */
  async #call<T>(
    { subject, maxBytes, idempotencyKey }: Pick<CallBounds, 'subject' | 'maxBytes' | 'idempotencyKey'>,
    target: ModelTarget,
    signal: AbortSignal,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs } = this.#options
    // A timer of our own: Node 20 collects an AbortSignal.timeout() that only AbortSignal.any() refers to, and then
    // it never fires.
    const expiry = new AbortController()
    const timer = setTimeout(
      () => expiry.abort(new DOMException('the model call took too long', 'TimeoutError')),
      timeoutMs,
    )
    const deadline = AbortSignal.any([signal, expiry.signal])
    const { call: fetch, followUp } = modelFetches(
      { subject, signal: deadline, maxBytes, idempotencyKey, dispatcher: this.#dispatcher },
      this.#results,
    )
    replaceGlobalFetch(deadline, followUp)
    try {
      const options = { fetch, signal: deadline, retry_on_error: false } as const
      return await work({ target: this.#address(target), options })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Failure) throw error
      throw expiry.signal.aborted
        ? transportFailure(subject, expiry.signal.reason)
        : clientFailure(subject, error)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What comes from the client itself: a request that it refused to make, or an answer that it could not read. */
function clientFailure(subject: string, error: unknown): Failure {
  const cause = new WithheldError(error)
  return error instanceof InferenceClientInputError || error instanceof InferenceClientRoutingError
    ? new Failure('bad_request', `no provider offers ${subject} for this`, { cause })
    : new Failure('invalid_output', `${subject} answered with something unusable`, { cause })
}

function imageBytes(subject: string, answer: unknown): Uint8Array<ArrayBuffer> {
  if (!(answer instanceof ReadBlob) || answer.content.byteLength === 0) {
    throw new Failure('invalid_output', `${subject} answered without an image`)
  }
  return answer.content
}
