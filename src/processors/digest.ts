import { hash, webcrypto } from 'node:crypto'

/** SHA-256 of bytes as lower-case hex, worked out beside the main thread: the bytes may be many megabytes. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex')
}

/** A digest of short values, different for different lists of them. */
export function digestOf(...values: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify(values))
}
