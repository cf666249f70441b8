import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { Failure } from '../../processors/failure.ts'
import { readBody } from '../download/bounded-body.ts'
import type { Bucket, BucketContent, BucketTrouble } from './bucket.ts'

export type S3Options = {
  /** Null: Amazon's own for the region. */
  readonly endpointUrl: string | null
  /** Null: what the SDK finds in the machine's AWS configuration. */
  readonly region: string | null
  /** Names the bucket in the path rather than in the host. */
  readonly forcePathStyle: boolean
}

/** A bucket of Amazon S3, or of a service that speaks its protocol. Credentials come as the SDK finds them. */
export class S3Bucket implements Bucket {
  readonly urls: readonly [string, ...string[]]
  readonly #client: S3Client
  readonly #name: string

  private constructor(client: S3Client, name: string, url: string) {
    this.#client = client
    this.#name = name
    this.urls = [url, `s3://${name}`]
  }

  /** Asks no server. Throws a Failure where no region is known. */
  static async open(name: string, { endpointUrl, region, forcePathStyle }: S3Options): Promise<S3Bucket> {
    const settings: S3ClientConfig = {
      forcePathStyle,
      ...(endpointUrl === null ? {} : { endpoint: endpointUrl }),
      ...(region === null ? {} : { region }),
      // BoundedCalls tries again: the SDK's own waits do not end when a call is aborted.
      maxAttempts: 1,
      // Not every service knows Amazon's newer checksums; the signature covers the content.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }
    const client = new S3Client(settings)
    try {
      await client.config.region()
    } catch (error) {
      client.destroy()
      const problem = 'the region of the image storage is unknown: AWS_REGION is unset'
      throw new Failure('storage', problem, { cause: error, retryable: false })
    }
    return new S3Bucket(client, name, await addressOf(name, settings))
  }

  async write(key: string, content: BucketContent, signal: AbortSignal): Promise<void> {
    const { bytes, contentType, cacheControl } = content
    await this.#client.send(
      new PutObjectCommand({
        ...this.#object(key),
        Body: bytes,
        ContentType: contentType,
        CacheControl: cacheControl,
      }),
      { abortSignal: signal },
    )
  }

  async read(key: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | 'too large' | null> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#object(key)), {
        abortSignal: signal,
      })
      // The reader ends the body when it leaves off, and the connection with it.
      const bytes = await readBody(Body?.transformToWebStream() ?? null, maxBytes)
      return bytes ?? 'too large'
    } catch (error) {
      const { status, code } = this.troubleOf(error)
      if (status === 404 && code !== 'NoSuchBucket') return null
      throw error
    }
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const keys: string[] = []
    let token: string | undefined
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#name,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
        { abortSignal: signal },
      )
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key)
      token = page.NextContinuationToken
    } while (token !== undefined)
    return keys
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#object(key)), { abortSignal: signal })
  }

  sign(key: string, lifetimeMs: number): Promise<string> {
    return getSignedUrl(this.#client, new GetObjectCommand(this.#object(key)), {
      expiresIn: Math.floor(lifetimeMs / 1_000),
    })
  }

  troubleOf(error: unknown): BucketTrouble {
    const { name, code, Code, $metadata, $response } = error as SdkError
    if (name === 'CredentialsProviderError') return { withoutCredentials: true }
    const status = $response?.statusCode ?? $metadata?.httpStatusCode
    return {
      status,
      code: status === undefined ? (code ?? name) : (Code ?? name),
      retryAfter: $response?.headers?.['retry-after'],
    }
  }

  close(): void {
    this.#client.destroy()
  }

  #object(key: string) {
    return { Bucket: this.#name, Key: key }
  }
}

/** What the SDK's errors have, whether a server or the network is behind them. */
type SdkError = {
  readonly name?: string
  readonly code?: string
  readonly Code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> }
}

/**
 * The bucket's URL, as the SDK makes it for region, endpoint and style: that of an object, less its key. It is known
 * only of a signed request, for which any credentials will do.
 */
async function addressOf(name: string, settings: S3ClientConfig): Promise<string> {
  const client = new S3Client({ ...settings, credentials: { accessKeyId: '-', secretAccessKey: '-' } })
  try {
    const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket: name, Key: 'key' })))
    return `${url.origin}${url.pathname.slice(0, -'/key'.length)}`
  } finally {
    client.destroy()
  }
}
