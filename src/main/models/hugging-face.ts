import { InferenceClient } from '@huggingface/inference'
import { Failure } from '../../processors/failure.ts'
import type { ImageModels, PaletteModel, PaletteRequest } from '../../processors/services.ts'
import type { EncodedImage } from '../../threads/protocol.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { parsePaletteAnswer } from './palette-answer.ts'
import { PALETTE_SCHEMA, paletteMessages } from './palette-prompt.ts'

const IMAGE_SIDE_PX = 1024
const MAX_IMAGE_BYTES = 32 * 1024 * 1024
const MAX_CHAT_BYTES = 1024 * 1024
/** Fifteen palettes take about 2,500 tokens. */
const MAX_CHAT_TOKENS = 4_096

export type ModelOptions = {
  readonly token: string | null
  /** Where set, all calls go there, and the names of the models say nothing. */
  readonly endpointUrl: string | null
  readonly imageModel: string
  readonly editModel: string
  readonly paletteModel: string
  /** Bound of one call from the request to the last byte. */
  readonly timeoutMs: number
}

/** What one call is made with: where to, and the client's own options. */
type Call = {
  readonly target: { readonly model: string } | { readonly endpointUrl: string }
  readonly options: {
    readonly fetch: typeof fetch
    readonly signal: AbortSignal
    readonly retry_on_error: false
  }
}

/** The remote models through Hugging Face's client: routed providers, or one endpoint that speaks the same. */
export class HuggingFaceModels implements ImageModels, PaletteModel {
  readonly #client: InferenceClient
  readonly #options: ModelOptions

  constructor(options: ModelOptions) {
    this.#options = options
    this.#client = new InferenceClient(options.token ?? '')
  }

  generateImage(
    { prompt, seed }: { prompt: string; seed: number },
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    return this.#call('the image model', this.#options.imageModel, MAX_IMAGE_BYTES, signal, async (call) =>
      imageBytes(
        'the image model',
        await this.#client.textToImage(
          {
            ...call.target,
            inputs: prompt,
            parameters: { seed, width: IMAGE_SIDE_PX, height: IMAGE_SIDE_PX, num_inference_steps: 4 },
          },
          { ...call.options, outputType: 'blob' },
        ),
      ),
    )
  }

  refineImage(
    { image, prompt, seed }: { image: EncodedImage; prompt: string; seed: number },
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    return this.#call('the edit model', this.#options.editModel, MAX_IMAGE_BYTES, signal, async (call) =>
      imageBytes(
        'the edit model',
        await this.#client.imageToImage(
          {
            ...call.target,
            inputs: new Blob([image.bytes], { type: image.contentType }),
            parameters: { prompt, seed },
          },
          call.options,
        ),
      ),
    )
  }

  suggestPalettes(request: PaletteRequest, signal: AbortSignal): Promise<readonly unknown[]> {
    const subject = 'the palette model'
    return this.#call(subject, this.#options.paletteModel, MAX_CHAT_BYTES, signal, async (call) => {
      const answer = await this.#client.chatCompletion(
        {
          ...call.target,
          messages: paletteMessages(request),
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'palettes', schema: PALETTE_SCHEMA, strict: true },
          },
          max_tokens: MAX_CHAT_TOKENS,
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

  /** One call with its deadline. When the caller's own signal aborts, its reason is thrown as it is. */
  async #call<T>(
    subject: string,
    model: string,
    maxBytes: number,
    signal: AbortSignal,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const { endpointUrl, timeoutMs } = this.#options
    // A timer of our own: Node 20 collects an AbortSignal.timeout() that only AbortSignal.any() refers to, and then
    // it never fires.
    const expiry = new AbortController()
    const timer = setTimeout(
      () => expiry.abort(new DOMException('the model call took too long', 'TimeoutError')),
      timeoutMs,
    )
    const deadline = AbortSignal.any([signal, expiry.signal])
    try {
      return await work({
        target: endpointUrl === null ? { model } : { endpointUrl },
        options: {
          fetch: boundedFetch(subject, deadline, maxBytes),
          signal: deadline,
          retry_on_error: false,
        },
      })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Failure) throw error
      // What is left comes from the client itself: an answer that it could not read, or a request it refused.
      throw new Failure('invalid_output', `${subject} answered with something unusable`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
}

async function imageBytes(subject: string, answer: unknown): Promise<Uint8Array> {
  if (!(answer instanceof Blob) || answer.size === 0) {
    throw new Failure('invalid_output', `${subject} answered without an image`)
  }
  return new Uint8Array(await answer.arrayBuffer())
}
