import { Agent, fetch, type Response } from 'undici'
import { Failure } from '../../processors/failure.ts'
import { retryAfterMs } from '../models/response-failure.ts'
import { isPublicAddress } from './address-policy.ts'
import { readBody } from './bounded-body.ts'
import { guardedConnector, UNREACHABLE } from './guarded-connector.ts'
import { type Lookup, nameServerLookup } from './name-lookup.ts'
import { webUrl } from './web-url.ts'

const MAX_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Asked for are the formats that the image threads read, as they are: nothing is ever decompressed here. */
const REQUEST_HEADERS = { accept: 'image/png, image/jpeg, image/webp', 'accept-encoding': 'identity' }

export type GuardedDownloadOptions = {
  /** Largest body that is accepted. */
  readonly maxBytes: number
  /** For everything together: lookups, connections, redirects and the body. */
  readonly timeoutMs: number
  /** How many redirects are followed; 3 unless given. */
  readonly maxRedirects?: number
  /** Which addresses may be dialled; only public ones unless given. */
  readonly isAllowedAddress?: (address: string) => boolean
  /** How names are resolved; by the machine's name servers unless given. */
  readonly lookup?: Lookup
}

/**
 * Fetches the image that a user's URL names, without lending the user this machine's place in the network.
 * The URL must be http or https, name its host, and hold no credentials; the port may be any but those that
 * the Fetch standard blocks. Each connection, also that of a redirect, goes only to addresses that were checked
 * (see `guardedConnector`). No proxy is used, and nothing of the environment.
 */
export class GuardedDownload {
  readonly #maxBytes: number
  readonly #timeoutMs: number
  readonly #maxRedirects: number
  readonly #isAllowedAddress: (address: string) => boolean
  readonly #lookup: Lookup

  constructor(options: GuardedDownloadOptions) {
    this.#maxBytes = options.maxBytes
    this.#timeoutMs = options.timeoutMs
    this.#maxRedirects = options.maxRedirects ?? MAX_REDIRECTS
    this.#isAllowedAddress = options.isAllowedAddress ?? isPublicAddress
    this.#lookup = options.lookup ?? nameServerLookup()
  }

  /**
   * The body of a 200 answer, in a buffer of its own. Nothing is left running when the promise settles.
   *
   * Throws a Failure: `original_unavailable` for a forbidden or missing host, too many redirects and 4xx, and,
   * to be retried, for 429, 5xx and a server that cannot be reached; `timeout` and `network` when the answer
   * had begun; `invalid_image` for a body that is too large or encoded. No message says where a name leads.
   * When `signal` aborts, throws its reason as it is.
   */
  async fetch(url: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    signal.throwIfAborted()
    const first = webUrl(url)
    if (!first) {
      throw new Failure(
        'original_unavailable',
        'original_image_url: expected an http or https URL without user name and password',
      )
    }
    // A controller and a timer of our own rather than AbortSignal.timeout: that one's timer cannot be cleared.
    const ending = new AbortController()
    const timer = setTimeout(
      () => ending.abort(new DOMException('deadline', 'TimeoutError')),
      this.#timeoutMs,
    )
    const abort = () => ending.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const agent = new Agent({
      connect: guardedConnector({
        lookup: this.#lookup,
        isAllowedAddress: this.#isAllowedAddress,
        signal: ending.signal,
      }),
      // The one deadline bounds these too.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    try {
      return await this.#follow(first, agent, ending.signal)
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      await agent.destroy()
    }
  }

  async #follow(first: URL, agent: Agent, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    let url = first
    for (let redirects = 0; ; redirects += 1) {
      const response = await ask(url, agent, signal)
      const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null
      if (location === null) return await this.#read(response, signal)
      if (redirects === this.#maxRedirects) {
        throw new Failure(
          'original_unavailable',
          `original_image_url: expected at most ${this.#maxRedirects} redirects`,
        )
      }
      url = redirectTarget(location, url)
      // Its body is of no use. A connection that stays open leads where it was checked to lead.
      await response.body?.cancel()
    }
  }

  async #read(response: Response, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (response.status !== 200) throw statusFailure(response)
    const encoding = response.headers.get('content-encoding')
    if (encoding !== null && encoding.trim().toLowerCase() !== 'identity') {
      throw new Failure('invalid_image', 'original_image_url: expected an image without Content-Encoding')
    }
    const declaredBytes = Number(response.headers.get('content-length') ?? 0)
    const bytes = declaredBytes > this.#maxBytes ? null : await this.#body(response, declaredBytes, signal)
    if (bytes === null) {
      throw new Failure('invalid_image', `original_image_url: expected at most ${this.#maxBytes} bytes`)
    }
    return bytes
  }

  async #body(
    response: Response,
    declaredBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return await readBody(response.body, this.#maxBytes, declaredBytes)
    } catch (error) {
      throw signal.aborted
        ? new Failure('timeout', `original_image_url: expected the image within ${this.#timeoutMs} ms`, {
            cause: error,
          })
        : new Failure('network', 'original_image_url: the connection broke in the middle of the image', {
            cause: error,
          })
    }
  }
}

async function ask(url: URL, agent: Agent, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { dispatcher: agent, headers: REQUEST_HEADERS, redirect: 'manual', signal })
  } catch (error) {
    const { cause } = error as Error
    if (cause instanceof Failure) throw cause
    // What the network did has a code; what fetch itself refuses, like a blocked port, has none.
    const retryable = signal.aborted || (cause instanceof Error && 'code' in cause)
    throw new Failure('original_unavailable', UNREACHABLE, { cause: error, retryable })
  }
}

function statusFailure(response: Response): Failure {
  const retryable = response.status === 429 || response.status >= 500
  return new Failure(
    'original_unavailable',
    `original_image_url: the server answered with HTTP ${response.status}`,
    {
      retryable,
      retryAfterMs: retryable ? retryAfterMs(response.headers.get('retry-after'), Date.now()) : undefined,
    },
  )
}

function redirectTarget(location: string, from: URL): URL {
  // Header bytes come as Latin-1; a server that does not escape its URL means UTF-8.
  const target = webUrl(Buffer.from(location, 'latin1').toString('utf8'), from)
  if (!target || (from.protocol === 'https:' && target.protocol === 'http:')) {
    throw new Failure(
      'original_unavailable',
      'original_image_url: expected a redirect to an http or https URL without user name and password, and from https only to https',
    )
  }
  return target
}
