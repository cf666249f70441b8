import { close, fsync, open, rename, unlink, write } from 'node:fs'

// With callbacks: the file handles and promises of node:fs/promises take several times as much of the main thread.

/** Writes a new file, down to the disk. Throws the file system's error, or the signal's reason once it is aborted. */
export function writeDurably(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    open(path, 'wx', (error, file) => {
      if (error) return reject(error)
      const end = (failure: Error | null) =>
        close(file, (error) => (failure || error ? reject((failure ?? error)!) : resolve()))
      const writeFrom = (offset: number) => {
        if (signal?.aborted) return end(signal.reason as Error)
        write(file, bytes, offset, bytes.byteLength - offset, null, (error, written) => {
          if (error) end(error)
          else if (offset + written < bytes.byteLength) writeFrom(offset + written)
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
