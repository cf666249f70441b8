import { randomUUID } from 'node:crypto'

export type MultipartUpload = {
  readonly headers: Readonly<Record<string, string>>
  /** The body in pieces: the content is not copied. */
  readonly parts: readonly Uint8Array[]
}

/** An object with its metadata in one request, as Cloud Storage takes it (multipart/related, RFC 2387). */
export function multipartUpload(
  metadata: { readonly contentType: string } & Readonly<Record<string, string>>,
  content: Uint8Array,
): MultipartUpload {
  const boundary = randomUUID()
  const head =
    `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(metadata)}\r\n` +
    `--${boundary}\r\ncontent-type: ${metadata.contentType}\r\n\r\n`
  const parts = [Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]
  return {
    headers: {
      'content-type': `multipart/related; boundary=${boundary}`,
      'content-length': String(parts.reduce((sum, { byteLength }) => sum + byteLength, 0)),
    },
    parts,
  }
}
