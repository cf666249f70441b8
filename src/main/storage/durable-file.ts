import { close, constants, fsync, open, rename, unlink, write } from 'node:fs'

// With callbacks: the file handles and promises of node:fs/promises take several times as much of the main thread.

/** On Linux a write can take along what fsync does; that makes one call less, each of which has to wake a thread. */
const SYNC = process.platform === 'linux' ? constants.O_SYNC : 0
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SYNC
const ANY_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | SYNC

export type Writing = {
  /** Whether a file that is there already is written over; otherwise it is an error. */
  readonly replaces?: boolean
  readonly signal?: AbortSignal
}

/** Writes a file, down to the disk. Throws the file system's error, or the signal's reason once it is aborted. */
export function writeDurably(
  path: string,
  bytes: Uint8Array,
  { replaces = false, signal }: Writing = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    open(path, replaces ? ANY_FILE : NEW_FILE, (error, file) => {
      if (error) return reject(error)
      const end = (failure: Error | null) =>
        close(file, (error) => (failure || error ? reject((failure ?? error)!) : resolve()))
      const writeFrom = (offset: number) => {
        if (signal?.aborted) return end(signal.reason as Error)
        write(file, bytes, offset, bytes.byteLength - offset, null, (error, written) => {
          if (error) end(error)
          else if (offset + written < bytes.byteLength) writeFrom(offset + written)
          else if (SYNC) end(null)
          else fsync(file, end)
        })
      }
      writeFrom(0)
    })
  })
}

/** Gives a file another name, in the place of one that had it. */
export function moveFile(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    rename(from, to, (error) => (error ? reject(error) : resolve()))
  })
}

/** Removes a file, where it is still there. */
export function removeFile(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    unlink(path, (error) => (error && error.code !== 'ENOENT' ? reject(error) : resolve()))
  })
}
