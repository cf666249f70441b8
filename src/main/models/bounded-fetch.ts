import { fetch, type Dispatcher, type Response as Answer } from 'undici'
import { Failure } from '../../processors/failure.ts'
import { readBody, readBodyStart } from '../download/bounded-body.ts'
import { isDenseJson } from './json-density.ts'
import { refusalInAnswer, responseFailure, transportFailure } from './response-failure.ts'

/** Of an error's body so much is read as it takes to see what it is. */
const MAX_ERROR_BODY_BYTES = 65_536
/** Of JSON beside its texts: an image, or what a chat model says, is one text. */
const MAX_JSON_FRAME_BYTES = 262_144

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
 */
export function boundedFetch({ subject, signal, maxBytes, dispatcher }: Bounds): Fetch {
  return async (input, init) => {
    try {
      const answer = await fetch(urlOf(input), {
        ...(init as object),
        signal,
        redirect: 'manual',
        dispatcher,
      })
      if (!answer.ok) {
        const body = new TextDecoder().decode(await readBodyStart(answer.body, MAX_ERROR_BODY_BYTES))
        throw responseFailure(subject, answer.status, answer.headers, body)
      }
      const bytes = await readBody(answer.body, maxBytes)
      if (!bytes) throw new Failure('invalid_output', `${subject} sent more than ${maxBytes} bytes`)
      if (bytes.byteLength === 0) {
        throw new Failure('invalid_output', `${subject} answered with nothing (HTTP ${answer.status})`)
      }
      if (isDenseJson(bytes, MAX_JSON_FRAME_BYTES)) {
        throw new Failure('invalid_output', `${subject} answered with JSON of too many values`)
      }
      const headers = contentType(answer)
      const refusal = refusalInAnswer(subject, headers['content-type'] ?? '', bytes)
      if (refusal) throw refusal
      return new Response(new Blob([bytes]), { headers })
    } catch (error) {
      throw error instanceof Failure ? error : transportFailure(subject, error)
    }
  }
}

export function urlOf(input: Parameters<Fetch>[0]): string {
  return input instanceof Request ? input.url : String(input)
}

/** The other headers describe the body as it was on the wire. */
function contentType(answer: Answer): Record<string, string> {
  const type = answer.headers.get('content-type')
  return type === null ? {} : { 'content-type': type }
}
