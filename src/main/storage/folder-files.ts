import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fsync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { makeFolder } from './folder.ts'
import type { FolderAnswer, FolderRequest, FolderValues, PutRequest } from './folder-protocol.ts'

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
const ANY_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC
/** Elsewhere a folder cannot be opened. */
const SYNCS_FOLDERS = process.platform !== 'win32'

const sync = promisify(fsync)

/**
 * The work on a folder of images, for a thread that does nothing else. Its calls are synchronous: handing each to a
 * thread of libuv takes several times as long as most of them. Only the disk itself is waited for beside, for many
 * files at once.
 */
export class FolderFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** Answers requests that came together, in their order. Never throws. */
  async answer(requests: readonly FolderRequest[]): Promise<readonly FolderAnswer[]> {
    const changes = requests.map(() => new Set<string>())
    const answers = await Promise.all(
      requests.map((request, i) => answerOf(() => this.#do(request, changes[i]!))),
    )
    // The files are on the disk; their names are once their folders are, each of which is seen to once.
    const synced = new Map<string, Promise<FolderAnswer>>()
    for (const folder of new Set(changes.flatMap((changed) => [...changed]))) {
      synced.set(
        folder,
        answerOf(() => syncFolder(folder)),
      )
    }
    return Promise.all(
      answers.map(async (answer, i) => {
        if (!answer.ok) return answer
        const ofFolders = await Promise.all(Array.from(changes[i]!, (folder) => synced.get(folder)!))
        return ofFolders.find(({ ok }) => !ok) ?? answer
      }),
    )
  }

  async #do(request: FolderRequest, changed: Set<string>): Promise<FolderValues[FolderRequest['call']]> {
    switch (request.call) {
      case 'put':
        return this.#put(request, changed)
      case 'get':
        return this.#get(request.path, request.maxBytes)
      case 'keepOnly':
        return this.#keepOnly(request.folder, request.paths)
      case 'tryOut':
        return this.#tryOut()
    }
  }

  /** Written beside its place and renamed into it, so that nobody ever reads half an image. */
  async #put({ path, bytes }: PutRequest, changed: Set<string>): Promise<undefined> {
    const target = join(this.#root, path)
    const temporary = `${target}.${randomUUID()}.tmp`
    try {
      await writeFile(await this.#create(temporary, changed), bytes)
      renameSync(temporary, target)
      changed.add(dirname(target))
    } catch (error) {
      removeLeftover(temporary)
      throw error
    }
  }

  /** Makes the file's folder where it is missing, as it is for the first of a task's images. */
  async #create(path: string, changed: Set<string>): Promise<number> {
    try {
      return openSync(path, NEW_FILE)
    } catch (error) {
      if (!isMissing(error)) throw error
      await makeFolder(dirname(path))
      for (let above = dirname(path); ; above = dirname(above)) {
        changed.add(above)
        if (above === this.#root) break
      }
      return openSync(path, NEW_FILE)
    }
  }

  #get(path: string, maxBytes: number): FolderValues['get'] {
    try {
      const real = this.#realPath(path)
      if (real === null) return null
      const file = statSync(real)
      if (file.isDirectory()) return null
      const { size } = file
      return size > maxBytes ? size : new Uint8Array(readFileSync(real))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /**
   * Objects lie in a folder side by side; what is not there any more is as it should be. The folder goes too where none is
   * left, or every failed task would leave one.
   */
  #keepOnly(folder: string, paths: readonly string[]): undefined {
    const kept = new Set(paths.map((path) => join(this.#root, path)))
    try {
      // A link could lead to what is not ours to remove.
      if (this.#realPath(folder) === null) return
      for (const name of readdirSync(join(this.#root, folder))) {
        const path = join(this.#root, folder, name)
        if (!kept.has(path)) rmSync(path, { force: true })
      }
      if (kept.size === 0) removeEmpty(join(this.#root, folder))
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  /**
   * Makes the root where it is missing, writes a file there as images are written, and removes it. Its name is always
   * the same, so that what is left by a process that was killed meanwhile goes with the next trial.
   */
  async #tryOut(): Promise<undefined> {
    await makeFolder(this.#root)
    const trial = join(this.#root, 'trial.tmp')
    try {
      await writeFile(openSync(trial, ANY_FILE), new Uint8Array(1))
      await syncFolder(this.#root)
    } finally {
      rmSync(trial, { force: true })
    }
  }

  /** Where a path leads, or null where a link on the way leads out of the root. Throws where nothing is there. */
  #realPath(path: string): string | null {
    const root = realpathSync.native(this.#root)
    const real = realpathSync.native(join(this.#root, path))
    return real.startsWith(root + sep) ? real : null
  }
}

/** Writes an open file, down to the disk, and closes it. */
async function writeFile(file: number, bytes: Uint8Array): Promise<void> {
  try {
    for (let offset = 0; offset < bytes.byteLength;) offset += writeSync(file, bytes, offset)
    await sync(file)
  } finally {
    closeSync(file)
  }
}

/** Where it cannot be removed either, the first error is the one to tell of. */
function removeLeftover(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    return
  }
}

/** One that has got a file meanwhile stays, and one that cannot be removed harms nobody. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    return
  }
}

async function syncFolder(path: string): Promise<undefined> {
  if (!SYNCS_FOLDERS) return
  const folder = openSync(path, constants.O_RDONLY)
  try {
    await sync(folder)
  } finally {
    closeSync(folder)
  }
}

async function answerOf(work: () => Promise<FolderValues[FolderRequest['call']]>): Promise<FolderAnswer> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { ok: false, code, message }
  }
}

/** Neither there, nor in a folder that could have it. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG'
}
