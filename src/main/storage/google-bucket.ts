import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { Storage } from '@google-cloud/storage'
import { Agent, request, type Dispatcher } from 'undici'
import { z } from 'zod'
import { readBody, readBodyStart } from '../download/bounded-body.ts'
import { isConnectionCode } from './bucket-failure.ts'
import type { Bucket, BucketContent, BucketTrouble } from './bucket.ts'
import { multipartUpload } from './multipart-upload.ts'

export type GoogleOptions = {
  /** Of an emulator, which asks for no credentials; null: Google Cloud. */
  readonly emulatorUrl: string | null
  /** Ends a request for a token that is not answered; one that is under way serves all who need it. */
  readonly timeoutMs: number
}

type RequestOptions = {
  readonly method?: Dispatcher.HttpMethod
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readable
}

const NOT_FOUND = 404
const RANGE_NOT_SATISFIABLE = 416
/** Of an error's body so much is read as it takes to see what it is. */
const MAX_ERROR_BODY_BYTES = 65_536

const listPage = z.object({
  items: z.array(z.object({ name: z.string() })).default([]),
  nextPageToken: z.string().optional(),
})

const errorBody = z.object({ error: z.object({ errors: z.array(z.object({ reason: z.string() })) }) })

/**
 * A bucket of Google Cloud Storage, with application default credentials. Google's client finds these and signs URLs. The
 * requests are made here, to the JSON API: the client neither ends a request that is aborted nor notices that a response
 * breaks off, and of an error that breaks off it leaves a rejection that nobody can handle. An upload that ends early never
 * becomes an object, unless all of it has gone to the network already.
 */
export class GoogleBucket implements Bucket {
  readonly urls: readonly [string, ...string[]]
  readonly #client: Storage
  readonly #name: string
  readonly #needsCredentials: boolean
  /** Whoever calls bounds the call as a whole. */
  readonly #dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

  constructor(name: string, { emulatorUrl, timeoutMs }: GoogleOptions) {
    this.#client = new Storage({
      ...(emulatorUrl === null ? {} : { apiEndpoint: emulatorUrl }),
      clientOptions: { transporterOptions: { timeout: timeoutMs } },
    })
    this.#name = name
    this.#needsCredentials = emulatorUrl === null
    const host = new URL(this.#client.apiEndpoint)
    this.urls = [`${host.origin}/${name}`, `gs://${name}`, `${host.protocol}//${name}.${host.host}`]
  }

  async write(key: string, { bytes, contentType, cacheControl }: BucketContent, signal: AbortSignal) {
    // The server compares before it makes the object.
    const md5Hash = createHash('md5').update(bytes).digest('base64')
    const { parts, headers } = multipartUpload({ contentType, cacheControl, md5Hash }, bytes)
    const query = new URLSearchParams({ uploadType: 'multipart', name: key })
    const answer = await this.#ask(`/upload${this.#objects}?${query.toString()}`, signal, {
      method: 'POST',
      headers,
      body: Readable.from(parts),
    })
    await answer.text()
  }

  async read(key: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | 'too large' | null> {
    try {
      // One byte beyond the limit tells what is too large.
      const headers = { range: `bytes=0-${maxBytes}` }
      const object = await this.#ask(`${this.#pathOf(key)}?alt=media`, signal, { headers })
      return (await readBody(object, maxBytes)) ?? 'too large'
    } catch (error) {
      if (error instanceof Refusal && error.status === NOT_FOUND) return null
      if (error instanceof Refusal && error.status === RANGE_NOT_SATISFIABLE) return new Uint8Array()
      throw error
    }
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const keys: string[] = []
    const query = new URLSearchParams({ prefix, fields: 'items(name),nextPageToken' })
    for (;;) {
      const answer = await this.#ask(`${this.#objects}?${query.toString()}`, signal)
      const { items, nextPageToken } = listPage.parse(await answer.json())
      for (const { name } of items) keys.push(name)
      if (nextPageToken === undefined) return keys
      query.set('pageToken', nextPageToken)
    }
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.#ask(this.#pathOf(key), signal, { method: 'DELETE' })
      await answer.text()
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== NOT_FOUND) throw error
    }
  }

  async sign(key: string, lifetimeMs: number): Promise<string> {
    await withCredentials(() => this.#client.authClient.getClient())
    const expires = Date.now() + lifetimeMs
    const object = this.#client.bucket(this.#name).file(key)
    const [url] = await object.getSignedUrl({ version: 'v4', action: 'read', expires })
    return url
  }

  troubleOf(error: unknown): BucketTrouble {
    if (error instanceof CredentialsError) {
      const { status, code } = this.troubleOf(error.cause)
      const mayPass = status === undefined ? isConnectionCode(code) : status >= 500
      return mayPass ? { status, code } : { withoutCredentials: true }
    }
    if (error instanceof Refusal) {
      const { status, reason, retryAfter } = error
      return { status, code: reason, retryAfter }
    }
    const { name, code, response, error: inner } = error as TransportError
    const isTimeout = inner?.type?.endsWith('-timeout')
    return {
      status: typeof code === 'number' ? code : response?.status,
      code: typeof code === 'string' ? code : isTimeout ? 'ETIMEDOUT' : name,
    }
  }

  close(): void {
    void this.#dispatcher.destroy()
  }

  get #objects(): string {
    return `/storage/v1/b/${encodeURIComponent(this.#name)}/o`
  }

  #pathOf(key: string): string {
    return `${this.#objects}/${encodeURIComponent(key)}`
  }

  /** The body of a 2xx answer. Throws a {@link Refusal} for any other, and when the connection breaks. */
  async #ask(path: string, signal: AbortSignal, options: RequestOptions = {}) {
    const headers = { ...(await this.#authorization()), ...options.headers }
    signal.throwIfAborted()
    const answer = await request(this.#client.apiEndpoint + path, {
      ...options,
      headers,
      signal,
      dispatcher: this.#dispatcher,
    })
    const { statusCode, body } = answer
    if (statusCode >= 200 && statusCode <= 299) return body
    const text = new TextDecoder().decode(await readBodyStart(body, MAX_ERROR_BODY_BYTES))
    throw new Refusal(statusCode, reasonIn(text), answer.headers['retry-after'])
  }

  /** Gets a token where none is at hand. */
  async #authorization(): Promise<Record<string, string>> {
    return this.#needsCredentials ? withCredentials(() => this.#client.authClient.getRequestHeaders()) : {}
  }
}

/** What has to do with credentials stands alone, so that its failures are told from the bucket's. */
async function withCredentials<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw new CredentialsError('no credentials', { cause: error })
  }
}

class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

/** An answer that is not 2xx. */
class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly reason: string | undefined
  readonly retryAfter: string | undefined

  constructor(status: number, reason: string | undefined, retryAfter: string | string[] | undefined) {
    super(`HTTP ${status}`)
    this.status = status
    this.reason = reason
    this.retryAfter = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter
  }
}

/** Cloud Storage's own code for what went wrong; none where something else has answered. */
function reasonIn(text: string): string | undefined {
  try {
    return errorBody.parse(JSON.parse(text)).error.errors[0]?.reason
  } catch {
    return undefined
  }
}

/** What errors have of the network, of the client's requests for tokens, and of its signing. */
type TransportError = {
  readonly name?: string
  readonly code?: number | string
  readonly response?: { readonly status?: number }
  readonly error?: { readonly type?: string }
}
