/** Stands for bytes that have been read: a Blob that held them would copy them on their way in, and again on their way out. */
export class ReadBlob extends Blob {
  readonly content: Uint8Array<ArrayBuffer>

  constructor(content: Uint8Array<ArrayBuffer>, type: string) {
    super([], { type })
    this.content = content
  }
}

/** An answer whose body has been read, as the client takes one apart. Its blob is a {@link ReadBlob}. */
export function readAnswer(content: Uint8Array<ArrayBuffer>, type = ''): Response {
  const text = () => new TextDecoder().decode(content)
  return Object.assign(new Response(null, type === '' ? {} : { headers: { 'content-type': type } }), {
    text: async () => text(),
    json: async () => JSON.parse(text()) as unknown,
    blob: async () => new ReadBlob(content, type),
    arrayBuffer: async () => content.slice().buffer,
  })
}
