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
  // Whatever else a server puts into its type says nothing of the answer, and a Response refuses it.
  const headers = { 'content-type': type.replace(/[^\x20-\x7e]/g, '?') }
  return Object.assign(new Response(null, { headers }), {
    text: async () => text(),
    json: async () => JSON.parse(text()) as unknown,
    blob: async () => new ReadBlob(content, type),
    arrayBuffer: async () => content.slice().buffer,
  })
}
