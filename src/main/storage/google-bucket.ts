import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Storage, type Bucket as GoogleClient, type File } from '@google-cloud/storage'
import { isConnectionCode } from './bucket-failure.ts'
import type { Bucket, BucketContent, BucketTrouble } from './bucket.ts'

export type GoogleOptions = {
  /** Of an emulator, which asks for no credentials; null: Google Cloud. */
  readonly emulatorUrl: string | null
  /** Ends every request that is not answered, also one that nobody waits for any more. */
  readonly timeoutMs: number
}

/** The client's own type, which it does not export. */
type DecorateRequestOptions = ReturnType<NonNullable<Interceptor['request']>>
type Interceptor = Storage['interceptors'][number]

/**
 * A bucket of Google Cloud Storage, with application default credentials. The client cannot end a request that is
 * under way. What is aborted stops being waited for; an upload is cut off where it is, and so never becomes an object,
 * unless all of it has gone to the network already; an object that is being read stops coming; and the time-out ends what is
 * left.
 */
export class GoogleBucket implements Bucket {
  readonly urls: readonly [string, ...string[]]
  readonly #storage: Storage
  readonly #bucket: GoogleClient
  readonly #needsCredentials: boolean

  constructor(name: string, { emulatorUrl, timeoutMs }: GoogleOptions) {
    this.#storage = new Storage({
      ...(emulatorUrl === null ? {} : { apiEndpoint: emulatorUrl }),
      // BoundedCalls tries again.
      retryOptions: { autoRetry: false, maxRetries: 0 },
    })
    this.#storage.interceptors.push({
      request(options) {
        options.timeout = timeoutMs
        return options as DecorateRequestOptions
      },
    })
    this.#bucket = this.#storage.bucket(name)
    this.#needsCredentials = emulatorUrl === null
    const host = new URL(this.#storage.apiEndpoint)
    this.urls = [`${host.origin}/${name}`, `gs://${name}`, `${host.protocol}//${name}.${host.host}`]
  }

  async write(key: string, { bytes, contentType, cacheControl }: BucketContent, signal: AbortSignal) {
    await this.#authorize()
    const upload = this.#file(key).createWriteStream({
      resumable: false,
      // The server compares before it makes the object. The client would afterwards, and remove it.
      validation: false,
      contentType,
      metadata: { cacheControl, md5Hash: createHash('md5').update(bytes).digest('base64') },
    })
    await pipeline(Readable.from([bytes]), upload, { signal })
  }

  async read(key: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | 'too large' | null> {
    await this.#authorize()
    signal.throwIfAborted()
    try {
      // One byte beyond the limit tells what is too large.
      const object = this.#file(key).createReadStream({ start: 0, end: maxBytes })
      object.on('response', endWithItsCopy)
      endOnAbort(object, signal)
      const chunks: Buffer[] = []
      for await (const chunk of object) chunks.push(chunk as Buffer)
      const bytes = Buffer.concat(chunks)
      return bytes.byteLength > maxBytes ? 'too large' : bytes
    } catch (error) {
      const { status } = this.troubleOf(error)
      if (status === NOT_FOUND) return null
      if (status === RANGE_NOT_SATISFIABLE) return new Uint8Array()
      throw error
    }
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    await this.#authorize()
    const keys: string[] = []
    let page: object | null = {}
    while (page !== null) {
      // The client drops what says that one page is enough from what it hands on.
      const query: object = { ...page, prefix, autoPaginate: false, fields: 'items(name),nextPageToken' }
      const [files, next]: [File[], object | null, ...unknown[]] = await this.#bucket.getFiles(query)
      signal.throwIfAborted()
      for (const { name } of files) keys.push(name)
      page = next ?? null
    }
    return keys
  }

  async remove(key: string): Promise<void> {
    await this.#authorize()
    await this.#file(key).delete({ ignoreNotFound: true })
  }

  async sign(key: string, lifetimeMs: number): Promise<string> {
    await withCredentials(() => this.#storage.authClient.getClient())
    const expires = Date.now() + lifetimeMs
    const [url] = await this.#file(key).getSignedUrl({ version: 'v4', action: 'read', expires })
    return url
  }

  troubleOf(error: unknown): BucketTrouble {
    if (error instanceof CredentialsError) {
      const { status, code } = this.troubleOf(error.cause)
      const mayPass = status === undefined ? isConnectionCode(code) : status >= 500
      return mayPass ? { status, code } : { withoutCredentials: true }
    }
    const { name, code, errors, response, type } = error as ClientError
    const status = typeof code === 'number' ? code : (response?.statusCode ?? response?.status)
    const own = typeof code === 'string' ? code : undefined
    return {
      status,
      code: errors?.[0]?.reason ?? own ?? (type?.endsWith('-timeout') ? 'ETIMEDOUT' : name),
      retryAfter: response?.headers?.['retry-after'],
    }
  }

  /** The client has nothing to close: idle connections keep no process alive. */
  close(): void {}

  #file(key: string): File {
    return this.#bucket.file(key)
  }

  /** Gets a token where none is at hand. */
  async #authorize(): Promise<void> {
    if (this.#needsCredentials) await withCredentials(() => this.#storage.authClient.getRequestHeaders())
  }
}

/** What has to do with credentials stands alone, so that its failures are told from the bucket's. */
async function withCredentials(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask()
  } catch (error) {
    throw new CredentialsError('no credentials', { cause: error })
  }
}

/**
 * The client reads a copy of the response, and does away with that alone: the response itself would then wait for a reader
 * for ever, and keep its connection. Once it has been read to its end there is nothing to destroy.
 */
function endWithItsCopy(copy: Readable): void {
  copy.once('unpipe', (response: Readable) => response.destroy())
}

/**
 * Ends a stream that the client makes, and where that has no response yet, once it has: on one that has ended before, Node
 * from 24 on throws where nobody can catch it.
 */
function endOnAbort(object: Readable, signal: AbortSignal): void {
  let isWired = false
  const end = () => {
    if (isWired) object.destroy(signal.reason as Error)
  }
  object.once('response', () => {
    // The client wires the response to the stream as soon as those who listen have been told.
    process.nextTick(() => {
      isWired = true
      if (signal.aborted) end()
    })
  })
  signal.addEventListener('abort', end, { once: true })
  object.once('close', () => signal.removeEventListener('abort', end))
}

const NOT_FOUND = 404
const RANGE_NOT_SATISFIABLE = 416

class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

/** What the client's errors have: those of its API calls, of its transport and of its authentication. */
type ClientError = {
  readonly name?: string
  readonly code?: number | string
  readonly errors?: readonly { readonly reason?: string }[]
  readonly type?: string
  readonly response?: {
    readonly statusCode?: number
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
  }
}
