/** What goes into the thread that works on a folder of images, and what comes out. */

export type PutRequest = {
  readonly call: 'put'
  /** Below the root, as all paths here. */
  readonly path: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly isGivenAway: boolean
}

export type FolderRequest =
  | PutRequest
  | { readonly call: 'get'; readonly path: string; readonly maxBytes: number }
  | { readonly call: 'keepOnly'; readonly folder: string; readonly paths: readonly string[] }
  | { readonly call: 'tryOut' }

/** What a call answers where it succeeds. */
export type FolderValues = {
  put: undefined
  /** Null where there is nothing; a number is the size of what is larger than was asked for. */
  get: Uint8Array<ArrayBuffer> | number | null
  keepOnly: undefined
  tryOut: undefined
}

/** Errors are data: a structured clone drops the code. */
export type FolderAnswer =
  | { readonly ok: true; readonly value: FolderValues[FolderRequest['call']] }
  | { readonly ok: false; readonly code: string | undefined; readonly message: string }
