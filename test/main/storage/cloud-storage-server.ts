import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { bodyOf } from '../../setup/http-server.ts'

type StoredObject = { readonly bytes: Buffer; readonly contentType: string; readonly cacheControl: string }

const PAGE_SIZE = 2

const API_PATH = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o\/?(.*)$/
const PLAIN_PATH = /^()\/([^/]+)\/(.+)$/

/**
 * As much of Cloud Storage's JSON API as its client uses for whole objects, in memory: multipart uploads with a
 * checksum, ranges, lists in small pages, removal; and the plain URLs of objects. It has one bucket.
 */
export class CloudStorageServer {
  readonly #bucket: string
  readonly #objects = new Map<string, StoredObject>()

  constructor(bucket: string) {
    this.#bucket = bucket
  }

  get names(): readonly string[] {
    return [...this.#objects.keys()]
  }

  readonly listener: RequestListener = (request, response) => {
    void this.#answer(request, response).catch(() => response.destroy())
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://server')
    const [, isUpload, bucket, key] = API_PATH.exec(url.pathname) ?? PLAIN_PATH.exec(url.pathname) ?? []
    const name = decodeURIComponent(key ?? '')
    if (bucket !== this.#bucket) return answerError(response, 404, 'notFound')
    if (isUpload) return this.#upload(request, response, url.searchParams.get('name') ?? '')
    if (request.method === 'DELETE') {
      if (!this.#objects.delete(name)) return answerError(response, 404, 'notFound')
      response.writeHead(204).end()
    } else if (name === '') this.#list(response, url.searchParams)
    else this.#read(request, response, name)
  }

  async #upload(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const boundary = /boundary=([\w-]+)/.exec(request.headers['content-type'] ?? '')?.[1] ?? ''
    // Latin-1 keeps every byte.
    const body = (await bodyOf(request)).toString('latin1')
    const [, metadataPart = '', contentPart = '', end] = body.split(`--${boundary}`)
    if (!end?.startsWith('--')) return answerError(response, 400, 'invalid')
    const metadata = JSON.parse(contentOf(metadataPart)) as Record<string, string>
    const bytes = Buffer.from(contentOf(contentPart), 'latin1')
    const md5Hash = createHash('md5').update(bytes).digest('base64')
    if (metadata.md5Hash !== md5Hash) return answerError(response, 400, 'invalid')
    const { contentType = '', cacheControl = '' } = metadata
    this.#objects.set(name, { bytes, contentType, cacheControl })
    answerJson(response, 200, { name, bucket: this.#bucket, md5Hash, size: String(bytes.byteLength) })
  }

  #list(response: ServerResponse, query: URLSearchParams): void {
    const prefix = query.get('prefix') ?? ''
    const start = Number(query.get('pageToken') ?? 0)
    const names = [...this.#objects.keys()].filter((name) => name.startsWith(prefix)).toSorted()
    answerJson(response, 200, {
      items: names.slice(start, start + PAGE_SIZE).map((name) => ({ name })),
      ...(names.length > start + PAGE_SIZE ? { nextPageToken: String(start + PAGE_SIZE) } : {}),
    })
  }

  #read(request: IncomingMessage, response: ServerResponse, name: string): void {
    const object = this.#objects.get(name)
    if (!object) return answerError(response, 404, 'notFound')
    const { bytes, contentType, cacheControl } = object
    const last = /^bytes=0-(\d+)$/.exec(request.headers.range ?? '')?.[1]
    const part = last === undefined ? bytes : bytes.subarray(0, Number(last) + 1)
    response.writeHead(last === undefined ? 200 : 206, {
      'content-type': contentType,
      'cache-control': cacheControl,
      'content-length': part.byteLength,
    })
    response.end(part)
  }
}

/** A part's content, less its headers and the line end before the next boundary. */
function contentOf(part: string): string {
  return part.slice(part.indexOf('\r\n\r\n') + 4, -2)
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

export function answerError(response: ServerResponse, status: number, reason: string): void {
  answerJson(response, status, { error: { code: status, message: reason, errors: [{ reason }] } })
}
