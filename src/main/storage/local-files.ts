import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Failure } from '../../processors/failure.ts'
import type { ImageFile, ImageStore, StoredObject } from '../../processors/services.ts'
import type { ReadableStore } from './original-images.ts'

/** Images as files below one folder; `file:` URLs lead to them. */
export class LocalFiles implements ImageStore, ReadableStore {
  readonly #root: string

  /** `url` is a `file:` URL of a folder, which is made when the first image is stored. */
  constructor(url: string) {
    this.#root = resolve(fileURLToPath(url))
  }

  /** Makes the folder where it is missing, writes a file there as images are written, and removes it. */
  async tryOut(): Promise<void> {
    await mkdir(this.#root, { recursive: true })
    const trial = join(this.#root, `trial.${randomUUID()}.tmp`)
    try {
      await writeDurably(trial, new Uint8Array(1))
    } finally {
      await rm(trial, { force: true })
    }
  }

  /** Written beside its place and renamed into it, so that nobody ever reads half an image. */
  async put(path: string, image: ImageFile, signal: AbortSignal): Promise<StoredObject> {
    const target = join(this.#root, path)
    const temporary = `${target}.${randomUUID()}.tmp`
    try {
      await mkdir(dirname(target), { recursive: true })
      await writeDurably(temporary, image.bytes, signal)
      signal.throwIfAborted()
      await rename(temporary, target)
      return { path, url: pathToFileURL(target).href }
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      signal.throwIfAborted()
      throw new Failure('storage', 'the image could not be written to local storage', { cause: error })
    }
  }

  /** Objects lie in a folder side by side; what is not there any more is as it should be. */
  async keepOnly(folder: string, paths: readonly string[]): Promise<void> {
    const kept = new Set(paths.map((path) => join(this.#root, path)))
    try {
      const names = await readdir(join(this.#root, folder))
      const others = names.map((name) => join(this.#root, folder, name)).filter((path) => !kept.has(path))
      await Promise.all(others.map((path) => rm(path, { force: true })))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw new Failure('storage', 'old images could not be removed from local storage', { cause: error })
    }
  }

  /** The object's path when the URL points into this store, else null. */
  pathOf(url: string): string | null {
    if (!URL.canParse(url)) return null
    const parsed = new URL(url)
    if (parsed.protocol !== 'file:' || parsed.host !== '') return null
    try {
      const file = resolve(fileURLToPath(parsed))
      return file.startsWith(this.#root + sep) ? file.slice(this.#root.length + 1).replaceAll(sep, '/') : null
    } catch {
      // An encoded slash or NUL: no file of ours has such a name.
      return null
    }
  }

  async read(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const file = join(this.#root, path)
    try {
      // A link could lead out of the store.
      const [root, real] = await Promise.all([realpath(this.#root), realpath(file)])
      if (!real.startsWith(root + sep)) throw new Error('the path leads out of the store')
      const { size } = await stat(real)
      if (size > maxBytes) {
        throw new Failure(
          'invalid_image',
          `original_image_url: expected an image of at most ${maxBytes} bytes`,
        )
      }
      return await readFile(real, { signal })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Failure) throw error
      throw new Failure('original_unavailable', 'original_image_url: there is no such image', {
        cause: error,
      })
    }
  }
}

/** Writes a new file, down to the disk. */
async function writeDurably(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes, signal ? { signal } : {})
    await file.sync()
  } finally {
    await file.close()
  }
}
