import { Failure } from '../../processors/failure.ts'
import { boundedFetch, urlOf, type Bounds, type Fetch } from './bounded-fetch.ts'
import { readAnswer } from './read-answer.ts'

/** Fetches a URL that somebody else has chosen. */
export interface ResultDownload {
  /** Throws a Failure, or the signal's reason once it is aborted. */
  fetch(url: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
}

export type CallBounds = Bounds & {
  /** Sent with the call, so that a server can tell a call that is made again from another one. */
  readonly idempotencyKey: string
}

export type ModelFetches = {
  /** For the call itself: the client's own option. */
  readonly call: Fetch
  /** For everything that the client fetches after it. */
  readonly followUp: Fetch
}

/**
 * The two ways in which the client reaches the network in one call. The call goes where the configuration says.
 * After it the client asks a provider's queue with its own headers, the token among them, at an address that it
 * makes from the host of the call: such a request may go to that host and to no other. Every other address comes
 * out of an answer, so that it goes through the guarded download; `data:` URLs are unpacked here.
 */
export function modelFetches(bounds: CallBounds, download: ResultDownload): ModelFetches {
  const { subject, signal, idempotencyKey } = bounds
  const bounded = boundedFetch(bounds)
  let calledOrigin: string | null = null
  return {
    call: (input, init) => {
      // The client may ask the hub first, with a GET.
      if (init?.method !== 'POST') return bounded(input, init)
      calledOrigin = new URL(urlOf(input)).origin
      const headers = new Headers(init.headers)
      headers.set('idempotency-key', idempotencyKey)
      return bounded(input, { ...init, headers: Object.fromEntries(headers) })
    },
    followUp: async (input, init) => {
      const url = urlOf(input)
      if (init?.headers !== undefined) {
        if (new URL(url).origin === calledOrigin) return bounded(input, init)
        throw new Failure('invalid_output', `${subject} answered with the queue of another host`)
      }
      if (/^data:/i.test(url)) return readAnswer(dataUrlBytes(url, subject), undefined)
      try {
        const bytes = await download.fetch(url, signal)
        return readAnswer(bytes, undefined)
      } catch (error) {
        throw error instanceof Failure ? resultFailure(subject, error) : error
      }
    },
  }
}

function dataUrlBytes(url: string, subject: string): Uint8Array<ArrayBuffer> {
  const comma = url.indexOf(',')
  if (!/;base64$/i.test(url.slice(0, Math.max(0, comma)))) {
    throw new Failure('invalid_output', `${subject} answered with a data URL that is not in base64`)
  }
  // Of its own: a small Buffer shares its memory with others.
  return new Uint8Array(Buffer.from(url.slice(comma + 1), 'base64'))
}

/** The download speaks of a user's URL; this one is the model's, and another answer may hold a better one. */
function resultFailure(subject: string, { category, retryable, retryAfterMs, cause }: Failure): Failure {
  if (category === 'timeout')
    return new Failure('timeout', `${subject}'s image did not come in time`, { cause })
  if (category === 'network') {
    return new Failure('network', `the connection to ${subject}'s image failed`, { cause })
  }
  return retryable
    ? new Failure('server', `${subject}'s image could not be fetched yet`, { cause, retryAfterMs })
    : new Failure('invalid_output', `${subject} answered with a URL of which no image could be had`, {
        cause,
      })
}
