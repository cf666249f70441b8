import { mkdir, open, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Journal, JournalRecord } from './journal.ts'
import { writeRecord } from './journal-text.ts'
import { unavailable } from './status-error.ts'

/** Everything that is there at the moment of the call, as the records that make it. */
export type Snapshot = () => Iterable<JournalRecord>

type Batch = { text: string; readonly written: Promise<void> }

const OWNER_ONLY = 0o600
/** Of a snapshot, between two turns of the event loop. */
const CHUNK_CHARACTERS = 256 * 1024
/** The file is written anew when it has grown to this, and to a multiple of what it was when it was new. */
const MIN_COMPACTION_CHARACTERS = 16 * 1024 * 1024
const COMPACTION_GROWTH = 4

/**
 * A journal in a file: a snapshot, and a line for each change since. What is added while a write is on its way goes
 * with the next, so that many changes cost few writes. A write is answered for once the system has it, which outlives
 * a kill of the process, not a failure of the machine. After a write that failed nothing is taken on any more.
 */
export class JournalFile implements Journal {
  readonly #path: string
  readonly #snapshot: Snapshot
  #file: FileHandle
  #length: number
  #compactionLength: number
  #batch: Batch | null = null
  #latest: Promise<void> = Promise.resolve()
  /** Resolves with what went wrong. */
  readonly failed: Promise<Error>
  #fail: (error: Error) => void = () => undefined

  private constructor(path: string, snapshot: Snapshot, { file, length }: NewFile) {
    this.#path = path
    this.#snapshot = snapshot
    this.#file = file
    this.#length = length
    this.#compactionLength = compactionLength(length)
    this.failed = new Promise((resolve) => (this.#fail = resolve))
  }

  /** Begins with these records, in the place of what was in the file. */
  static async create(
    path: string,
    records: Iterable<JournalRecord>,
    snapshot: Snapshot,
  ): Promise<JournalFile> {
    await mkdir(dirname(path), { recursive: true })
    return new JournalFile(path, snapshot, await writeNew(path, records))
  }

  add(record: JournalRecord): void {
    this.#batch ??= this.#nextBatch()
    this.#batch.text += writeRecord(record)
  }

  written(): Promise<void> {
    return this.#latest
  }

  /** Resolves when the last write has ended, well or not. */
  async close(): Promise<void> {
    await this.#latest.catch(() => undefined)
    await this.#file.close()
  }

  /** Once one batch has failed, so does every later one. */
  #nextBatch(): Batch {
    const written = this.#latest.then(() => {
      this.#batch = null
      return this.#write(batch.text)
    })
    const batch: Batch = { text: '', written }
    this.#latest = written
    // Who waits hears of it; that nobody waits is no fault.
    written.catch(() => undefined)
    return batch
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text)
      this.#length += text.length
      if (this.#length > this.#compactionLength) await this.#compact()
    } catch (error) {
      this.#fail(error as Error)
      throw unavailable('the server cannot write its journal')
    }
  }

  /** Changes meanwhile wait for their write. Those that the snapshot holds already are written again, which is harmless. */
  async #compact(): Promise<void> {
    const { file, length } = await writeNew(this.#path, this.#snapshot())
    await this.#file.close()
    this.#file = file
    this.#length = length
    this.#compactionLength = compactionLength(length)
  }
}

type NewFile = { readonly file: FileHandle; readonly length: number }

/** Writes beside and renames, so that the file in its place is complete, whoever is killed meanwhile. */
async function writeNew(path: string, records: Iterable<JournalRecord>): Promise<NewFile> {
  const file = await open(`${path}.new`, 'w', OWNER_ONLY)
  try {
    let length = 0
    let chunk = ''
    const write = async () => {
      await file.appendFile(chunk)
      length += chunk.length
      chunk = ''
    }
    for (const record of records) {
      chunk += writeRecord(record)
      if (chunk.length >= CHUNK_CHARACTERS) await write()
    }
    await write()
    await file.datasync()
    await rename(`${path}.new`, path)
    return { file, length }
  } catch (error) {
    await file.close()
    throw error
  }
}

function compactionLength(length: number): number {
  return Math.max(MIN_COMPACTION_CHARACTERS, length * COMPACTION_GROWTH)
}
