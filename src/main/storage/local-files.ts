import { randomUUID } from 'node:crypto'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Failure } from '../../processors/failure.ts'
import type { ImageFile, StoredObject } from '../../processors/services.ts'
import { moveFile, removeFile, writeDurably } from './durable-file.ts'
import { makeFolder } from './folder.ts'
import { tooLarge, type ImageStorage } from './image-storage.ts'
import { ObjectAddresses } from './object-addresses.ts'

/** Images as files below one folder. */
export class LocalFiles implements ImageStorage {
  readonly #root: string
  readonly #addresses: ObjectAddresses

  /**
   * `url` is a `file:` URL of a folder, which is made when the first image is stored. `publicBaseUrl` leads there as
   * well, by way of a web server; where it is null, image URLs are `file:` URLs.
   */
  constructor(url: string, publicBaseUrl: string | null = null) {
    this.#root = resolve(fileURLToPath(url))
    const own = pathToFileURL(this.#root).href
    this.#addresses = new ObjectAddresses(publicBaseUrl ?? own, own)
  }

  /**
   * Makes the folder where it is missing, writes a file there as images are written, and removes it. Its name is always
   * the same, so that what is left by a process that was killed meanwhile goes with the next trial.
   */
  async tryOut(): Promise<void> {
    await makeFolder(this.#root)
    const trial = join(this.#root, 'trial.tmp')
    try {
      await writeDurably(trial, new Uint8Array(1), { replaces: true })
    } finally {
      await removeFile(trial)
    }
  }

  /** Written beside its place and renamed into it, so that nobody ever reads half an image. */
  async put(path: string, image: ImageFile, signal: AbortSignal): Promise<StoredObject> {
    const target = join(this.#root, path)
    const temporary = `${target}.${randomUUID()}.tmp`
    try {
      await this.#write(temporary, image.bytes, signal)
      signal.throwIfAborted()
      await moveFile(temporary, target)
      return { path, url: this.#addresses.urlOf(path) }
    } catch (error) {
      await removeFile(temporary).catch(() => undefined)
      signal.throwIfAborted()
      throw new Failure('storage', 'the image could not be written to local storage', { cause: error })
    }
  }

  /** Objects lie in a folder side by side; what is not there any more is as it should be. */
  async keepOnly(folder: string, paths: readonly string[]): Promise<void> {
    const kept = new Set(paths.map((path) => join(this.#root, path)))
    try {
      // A link could lead to what is not ours to remove.
      if (!(await this.#realPath(folder))) return
      const names = await readdir(join(this.#root, folder))
      const others = names.map((name) => join(this.#root, folder, name)).filter((path) => !kept.has(path))
      await Promise.all(others.map(removeFile))
    } catch (error) {
      if (isMissing(error)) return
      throw new Failure('storage', 'old images could not be removed from local storage', { cause: error })
    }
  }

  pathOf(url: string): string | null {
    return this.#addresses.pathOf(url)
  }

  async get(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null> {
    try {
      const real = await this.#realPath(path)
      if (real === null) return null
      const { size } = await stat(real)
      if (size > maxBytes) throw new Failure('invalid_image', tooLarge(maxBytes))
      return await readFile(real, { signal })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Failure) throw error
      if (isMissing(error)) return null
      throw new Failure('storage', 'the image could not be read from local storage', { cause: error })
    }
  }

  close(): void {}

  /** Where a path leads, or null where a link on the way leads out of the store. Rejects where nothing is there. */
  async #realPath(path: string): Promise<string | null> {
    const [root, real] = await Promise.all([realpath(this.#root), realpath(join(this.#root, path))])
    return real.startsWith(root + sep) ? real : null
  }

  /** Makes the file's folder where it is missing, as it is for the first of a task's images. */
  async #write(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    try {
      await writeDurably(path, bytes, { signal })
    } catch (error) {
      if (!isMissing(error)) throw error
      await makeFolder(dirname(path))
      await writeDurably(path, bytes, { signal })
    }
  }
}

/** Neither there, nor in a folder that could have it. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG'
}
