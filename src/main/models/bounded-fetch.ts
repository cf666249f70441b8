import { Failure } from '../../processors/failure.ts'
import { responseFailure, transportFailure } from './response-failure.ts'

/** Of an error's body so much is read as it takes to see what it is. */
const MAX_ERROR_BODY_BYTES = 65_536

/**
 * A `fetch` for one call to a model, as the client takes it: `signal` bounds the whole call, body included; at
 * most `maxBytes` are read; redirects are refused, because a token must not follow them. Anything but a 2xx
 * answer, and any break of the connection, is thrown as a Failure with its category.
 */
export function boundedFetch(subject: string, signal: AbortSignal, maxBytes: number): typeof fetch {
  return async (input, init) => {
    try {
      const response = await fetch(input, { ...init, signal, redirect: 'manual' })
      if (!response.ok) {
        const body = await readText(response, MAX_ERROR_BODY_BYTES)
        throw responseFailure(subject, response.status, response.headers, body)
      }
      const bytes = await readBytes(response, maxBytes)
      if (!bytes) {
        throw new Failure('invalid_output', `${subject} sent more than ${maxBytes} bytes`)
      }
      return new Response(new Blob(bytes), { status: response.status, headers: contentType(response) })
    } catch (error) {
      throw error instanceof Failure ? error : transportFailure(subject, error)
    }
  }
}

/** The other headers describe the body as it was on the wire. */
function contentType(response: Response): Record<string, string> {
  const type = response.headers.get('content-type')
  return type === null ? {} : { 'content-type': type }
}

/** The chunks of the body, or null once they exceed the limit; the rest is then not read. */
async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>[] | null> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array<ArrayBuffer>
    size += bytes.byteLength
    if (size > maxBytes) return null
    chunks.push(bytes)
  }
  return chunks
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks = await readBytes(response, maxBytes).catch(() => null)
  return chunks ? new Blob(chunks).text() : ''
}
