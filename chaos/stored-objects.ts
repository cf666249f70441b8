import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import sharp from 'sharp'

/** What lies in the image folder after the run. */
export class StoredObjects {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Keys of all files, half-written ones included. */
  async list(): Promise<string[]> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.#folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  }

  /** Whether it is there and every pixel of it can be decoded. */
  async isWhole(key: string): Promise<boolean> {
    try {
      const { data } = await sharp(await readFile(join(this.#folder, key)))
        .raw()
        .toBuffer({ resolveWithObject: true })
      return data.length > 0
    } catch {
      return false
    }
  }
}
