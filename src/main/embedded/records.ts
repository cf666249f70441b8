import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { StandIn } from './stand-in.ts'

/** Which process runs a stand-in, and where it answers. */
export type StandInRecord = { readonly pid: number; readonly address: string }

const CONNECT_TIMEOUT_MS = 1_000
const LOOK_MS = 1_000
/** The database's address holds its password. */
const OWNER_ONLY = 0o600

const recordPath = (dataDir: string, standIn: StandIn) => join(dataDir, `${standIn}.json`)

/** Lets other commands on the same data folder find the stand-in. */
export async function writeRecord(dataDir: string, standIn: StandIn, record: StandInRecord): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const path = recordPath(dataDir, standIn)
  await writeFile(`${path}.${process.pid}`, JSON.stringify(record), { mode: OWNER_ONLY })
  await rename(`${path}.${process.pid}`, path)
}

export async function removeRecord(dataDir: string, standIn: StandIn): Promise<void> {
  await rm(recordPath(dataDir, standIn), { force: true })
}

/** The record of a stand-in that runs now; null where none does, whatever a dead process left behind. */
export async function findRunning(dataDir: string, standIn: StandIn): Promise<StandInRecord | null> {
  try {
    const record = JSON.parse(await readFile(recordPath(dataDir, standIn), 'utf8')) as StandInRecord
    return isAlive(record.pid) && (await answers(record.address)) ? record : null
  } catch {
    return null
  }
}

/** Resolves when one of the processes is gone. They are not our children, so nothing but a look tells. */
export function anyGone(pids: readonly number[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (pids.every(isAlive)) return
      clearInterval(timer)
      resolve()
    }, LOOK_MS).unref()
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function answers(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: CONNECT_TIMEOUT_MS })
    const end = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}
