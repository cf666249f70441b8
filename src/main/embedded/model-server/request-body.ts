import type { IncomingMessage } from 'node:http'
import { RequestRefusal } from './request-refusal.ts'

/** Enough for a 24 MB image in base64. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

/** Reads the whole body. Refuses with 413 what is longer than MAX_BODY_BYTES, by its announced length if it has one. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new RequestRefusal(415, 'expected a body without content encoding')
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length
    if (length > MAX_BODY_BYTES) throw tooLarge()
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks, length)
}

const tooLarge = () => new RequestRefusal(413, `expected a body of at most ${MAX_BODY_BYTES} bytes`)

/** The media type of a body without its parameters, in lower case; empty where there is none. */
export const mediaTypeOf = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()

/** The body as JSON. Refuses with 415 another media type and with 400 what cannot be parsed. */
export function parseJson(mediaType: string, body: Buffer): unknown {
  if (mediaType !== 'application/json') throw new RequestRefusal(415, 'expected a body of application/json')
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new RequestRefusal(400, 'expected a body of valid JSON', { cause: error })
  }
}
