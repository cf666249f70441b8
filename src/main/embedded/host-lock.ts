import { randomUUID } from 'node:crypto'
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../storage/folder.ts'

/** The one process that runs the stand-ins of a data folder, and how to talk to it. */
export type HostRecord = {
  readonly pid: number
  /** On the loopback address. */
  readonly port: number
  /** Who knows it may ask for addresses, which hold passwords. */
  readonly token: string
}

export type HostLock = {
  /** Lets the next one in. */
  readonly release: () => Promise<void>
}

type Generation = {
  readonly number: number
  /** Null where its host has released the lock. */
  readonly record: HostRecord | null
}

const FILE_NAME = /^host\.(\d+)\.json$/
const OWNER_ONLY = 0o600

const pathOf = (dataDir: string, generation: number) => join(dataDir, `host.${generation}.json`)

/** The process that holds the lock, or held it when it died; null where nobody holds it. */
export async function readHostRecord(dataDir: string): Promise<HostRecord | null> {
  return (await newestGeneration(dataDir))?.record ?? null
}

/**
 * Makes this process the host of the data folder, unless another one is, which then answers null.
 *
 * Every holder makes a file of its own with the next number, complete from the first moment, and only one process
 * can make a number. Whoever finds that the newest holder is dead makes the number after that one's. Numbers below
 * the newest mean nothing and are removed by whoever made it; the newest stays when its holder goes, so that no
 * number is made twice: one who read an old number and was slow makes a file below the newest, sees that, and
 * looks again.
 */
export async function acquireHostLock(
  dataDir: string,
  own: HostRecord,
  isAlive: (holder: HostRecord) => Promise<boolean>,
): Promise<HostLock | null> {
  await makeFolder(dataDir)
  for (;;) {
    const newest = await newestGeneration(dataDir)
    if (newest?.record && (await isAlive(newest.record))) return null
    const number = (newest?.number ?? 0) + 1
    const path = pathOf(dataDir, number)
    if (!(await write(dataDir, own, (written) => link(written, path)))) continue
    const others = (await generationNumbers(dataDir)).filter((each) => each !== number)
    if (others.some((each) => each > number)) {
      await rm(path, { force: true })
      continue
    }
    for (const older of others) await rm(pathOf(dataDir, older), { force: true })
    return {
      release: async () => {
        await write(dataDir, null, (written) => rename(written, path))
      },
    }
  }
}

async function newestGeneration(dataDir: string): Promise<Generation | null> {
  for (;;) {
    const number = Math.max(0, ...(await generationNumbers(dataDir)))
    if (number === 0) return null
    try {
      const text = await readFile(pathOf(dataDir, number), 'utf8')
      return { number, record: JSON.parse(text) as HostRecord | null }
    } catch (error) {
      // Removed between two looks: there is a newer one.
      if (!hasCode(error, 'ENOENT')) throw error
    }
  }
}

async function generationNumbers(dataDir: string): Promise<number[]> {
  const names = await readdir(dataDir).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  return names.flatMap((name) => {
    const number = FILE_NAME.exec(name)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
}

/** Writes beside, so that a file that is in its place is complete. False where the place is taken. */
async function write(
  dataDir: string,
  record: HostRecord | null,
  put: (written: string) => Promise<void>,
): Promise<boolean> {
  const written = join(dataDir, `host.${randomUUID()}.tmp`)
  try {
    await writeFile(written, JSON.stringify(record), { mode: OWNER_ONLY })
    await put(written)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(written, { force: true })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
