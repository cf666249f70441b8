import { request, type Dispatcher } from 'undici'
import { Failure } from '../../processors/failure.ts'
import { readBody, readBodyStart } from '../download/bounded-body.ts'
import { ACCEPTED_ENCODINGS, decompressed } from './decompression.ts'
import { isDenseJson } from './json-density.ts'
import { readAnswer } from './read-answer.ts'
import { refusalInAnswer, responseFailure, transportFailure } from './response-failure.ts'

/** Of an error's body so much is read as it takes to see what it is. */
const MAX_ERROR_BODY_BYTES = 65_536
/** Of JSON beside its texts: an image, or what a chat model says, is one text. */
const MAX_JSON_FRAME_BYTES = 262_144

const REQUEST_HEADERS = { accept: '*/*', 'accept-encoding': ACCEPTED_ENCODINGS }

export type Fetch = typeof globalThis.fetch

export type Bounds = {
  /** Names the model in messages. */
  readonly subject: string
  /** Bounds the whole call, body included. */
  readonly signal: AbortSignal
  readonly maxBytes: number
  readonly dispatcher: Dispatcher
}

/**
 * A `fetch` for one call to a model, as the client takes it. Redirects are refused, because a token must not
 * follow them. Anything but a 2xx answer with a body, one that says that the content was refused, and any break
 * of the connection is thrown as a Failure with its category.
 *
 * It is undici's `request` and not its `fetch`, whose streams take twice as much CPU time.
 */
export function boundedFetch({ subject, signal, maxBytes, dispatcher }: Bounds): Fetch {
  return async (input, init) => {
    try {
      const asked = request(urlOf(input), {
        method: (init?.method ?? 'GET') as Dispatcher.HttpMethod,
        headers: { ...REQUEST_HEADERS, ...Object.fromEntries(new Headers(init?.headers)) },
        body: (init?.body ?? null) as NonNullable<Dispatcher.DispatchOptions['body']> | null,
        signal,
        dispatcher,
      })
      const { statusCode, headers, body } = await unlessAborted(asked, signal)
      const content = decompressed(body, headerOf(headers, 'content-encoding'))
      if (statusCode < 200 || statusCode > 299) {
        const text = new TextDecoder().decode(await readBodyStart(content, MAX_ERROR_BODY_BYTES))
        throw responseFailure(subject, statusCode, headerOf(headers, 'retry-after'), text)
      }
      const declaredBytes = Number(headerOf(headers, 'content-length'))
      const bytes = await readBody(content, maxBytes, declaredBytes)
      if (!bytes) throw new Failure('invalid_output', `${subject} sent more than ${maxBytes} bytes`)
      if (bytes.byteLength === 0) {
        throw new Failure('invalid_output', `${subject} answered with nothing (HTTP ${statusCode})`)
      }
      if (isDenseJson(bytes, MAX_JSON_FRAME_BYTES)) {
        throw new Failure('invalid_output', `${subject} answered with JSON of too many values`)
      }
      const type = headerOf(headers, 'content-type')
      const refusal = refusalInAnswer(subject, type ?? '', bytes)
      if (refusal) throw refusal
      return readAnswer(bytes, type)
    } catch (error) {
      throw error instanceof Failure ? error : transportFailure(subject, error)
    }
  }
}

/** While a connection is made, undici takes note of an abort and ends the request only when that has ended. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    const stopListening = () => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(stopListening)
  })
}

export function urlOf(input: Parameters<Fetch>[0]): string {
  return input instanceof Request ? input.url : String(input)
}

function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
