import { access, constants, mkdir, open, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { WriteStream } from 'node:fs'

const CONTACT_SHEET = 'contact-sheet.png'
const REPORT = 'report.html'
const LOG = 'worker.log'

/** Where the images are, in the folder of that path. */
export const imagesIn = (path: string) => join(path, 'images')

/** The demo cannot leave its files where it was told to. */
export class OutputError extends Error {
  override readonly name = 'OutputError'

  constructor(folder: string, cause: unknown) {
    super(`cannot write to ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** The folder in which the demo leaves its files. */
export class OutputFolder {
  readonly path: string
  readonly contactSheet: string
  readonly report: string
  readonly images: string
  readonly log: WriteStream

  private constructor(path: string, log: FileHandle) {
    this.path = path
    this.contactSheet = join(path, CONTACT_SHEET)
    this.report = join(path, REPORT)
    this.images = imagesIn(path)
    this.log = log.createWriteStream()
  }

  /**
   * Makes what is missing, and removes the images that an earlier demo left under `ownImages`. Throws an OutputError
   * now, rather than when all work is done, where a file cannot be written.
   */
  static async open(path: string, ownImages: string): Promise<OutputFolder> {
    try {
      await mkdir(imagesIn(path), { recursive: true })
      await access(imagesIn(path), constants.W_OK)
      for (const name of [CONTACT_SHEET, REPORT]) await checkWritable(join(path, name))
      await rm(join(imagesIn(path), ownImages), { recursive: true, force: true })
      return new OutputFolder(path, await open(join(path, LOG), 'w'))
    } catch (error) {
      throw new OutputError(path, error)
    }
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    try {
      await writeFile(path, content)
    } catch (error) {
      throw new OutputError(this.path, error)
    }
  }

  /** Resolves when the log is written, or cannot be. */
  async close(): Promise<void> {
    if (this.log.closed) return
    const closed = new Promise<void>((resolve) => this.log.once('close', () => resolve()))
    this.log.end()
    await closed
  }
}

/** Leaves the file as it is, and makes none. */
async function checkWritable(path: string): Promise<void> {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  await file?.close()
}
