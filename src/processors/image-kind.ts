/** The kinds of image file that are decoded. */
export type ImageKind = 'image/png' | 'image/jpeg' | 'image/webp'

/** The kind by the first bytes of a file, null for every other file. Whether it can be decoded is another question. */
export function imageKindOf(bytes: Uint8Array): ImageKind | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 12)).toString('latin1')
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'image/webp'
  return null
}
