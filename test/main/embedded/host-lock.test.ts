import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  acquireHostLock,
  readHostRecord,
  type HostLock,
  type HostRecord,
} from '../../../src/main/embedded/host-lock.ts'

let dataDir: string
/** By their pids. */
let living: Set<number>
let lastPid: number

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'host-lock-'))
  living = new Set()
  lastPid = 0
})

afterEach(() => rm(dataDir, { recursive: true, force: true }))

type Contender = { readonly record: HostRecord; readonly lock: HostLock | null }

async function contend(): Promise<Contender> {
  const record = { pid: ++lastPid, port: 1, token: 'token' }
  living.add(record.pid)
  const lock = await acquireHostLock(dataDir, record, ({ pid }) => Promise.resolve(living.has(pid)))
  if (!lock) living.delete(record.pid)
  return { record, lock }
}

describe('the lock of a data folder', () => {
  it('is held by one of any number that want it at once, again and again as holders die or leave', async () => {
    for (let round = 0; round < 30; round++) {
      const contenders = await Promise.all(Array.from({ length: 12 }, contend))
      const holders = contenders.filter(({ lock }) => lock !== null)
      expect(holders).toHaveLength(1)
      expect(await readHostRecord(dataDir)).toEqual(holders[0]!.record)
      if (round % 2 === 0) await holders[0]!.lock?.release()
      living.delete(holders[0]!.record.pid)
    }
    expect(await readdir(dataDir)).toHaveLength(1)
  })

  it('is not taken by one that was slow and missed several holders', async () => {
    const first = await contend()
    living.clear()
    let resume = (): void => undefined
    const paused = new Promise<void>((resolve) => (resume = resolve))
    const slowRecord = { pid: 1_000, port: 1, token: 'token' }
    const slow = acquireHostLock(dataDir, slowRecord, async ({ pid }) => {
      if (pid !== first.record.pid) return living.has(pid)
      await paused
      return false
    })
    await (await contend()).lock?.release()
    living.clear()
    const { record } = await contend()
    resume()
    expect(await slow).toBeNull()
    expect(await readHostRecord(dataDir)).toEqual(record)
  })

  it('is held by nobody where it was never taken, and after its release', async () => {
    expect(await readHostRecord(join(dataDir, 'missing'))).toBeNull()
    const { lock } = await contend()
    await lock?.release()
    expect(await readHostRecord(dataDir)).toBeNull()
  })
})
