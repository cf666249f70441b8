import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostCall } from '../../../src/main/embedded/host-call.ts'
import { readHostRecord } from '../../../src/main/embedded/host-lock.ts'
import { STAND_INS, type Addresses, type StandIn } from '../../../src/main/embedded/stand-in.ts'
import { findStandIns, startStandIns } from '../../../src/main/embedded/start-stand-ins.ts'
import { copyCluster } from '../../setup/prepared-folder.ts'
import { processesOn } from '../../setup/processes.ts'
import { ask } from './postgres/client.ts'
import { startUser, type UserProcess, type UserReport } from './user-process.ts'

/** For what takes as long as the machine is busy. */
const PATIENT = { timeout: 60_000, interval: 20 }

let dataDir: string
let users: UserProcess[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stand-ins-'))
  users = []
})

afterEach(async () => {
  await Promise.all(users.map((user) => user.stop()))
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 })
})

function use(wanted: readonly StandIn[] = STAND_INS): UserProcess {
  const user = startUser(dataDir, wanted)
  users.push(user)
  return user
}

function addressesOf(report: UserReport): Addresses {
  if ('addresses' in report) return report.addresses
  throw new Error('error' in report ? report.error : report.lost)
}

const hostPid = async () => (await readHostRecord(dataDir))?.pid

describe('stand-ins that several processes want at once', { timeout: 180_000 }, () => {
  it('run once: one process starts them, and the others wait until they are ready and use them', async () => {
    await copyCluster(join(dataDir, 'postgres'))
    const reports = await Promise.all(Array.from({ length: 4 }, () => use().started))
    const [first, ...others] = reports.map(addressesOf)
    expect(Object.keys(first!).toSorted()).toEqual([...STAND_INS].toSorted())
    for (const addresses of others) expect(addresses).toEqual(first)
    const starters = reports.filter((report) => 'adopted' in report && report.adopted.length === 0)
    expect(starters).toHaveLength(1)
    expect(await ask(first!.postgres!, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('are added to by one who needs more', async () => {
    const { models } = addressesOf(await use(['models']).started)
    const addresses = addressesOf(await use(['models', 'pubsub']).started)
    expect(addresses).toEqual({ models, pubsub: expect.any(String) })
    expect(await findStandIns(['pubsub'], dataDir)).toEqual(addresses)
  })

  it('go on when the process that started them stops or dies, and end with the last one', async () => {
    const starter = use(['models'])
    const before = addressesOf(await starter.started)
    const others = [use(['models']), use(['models'])]
    await Promise.all(others.map(({ started }) => started))
    await starter.stop()
    await others[0]!.kill()
    expect(await findStandIns(['models'], dataDir)).toEqual(before)
    await others[1]!.stop()
    expect(await findStandIns(['models'], dataDir)).toEqual({})
  })

  it('go on when the connection of a user breaks', async () => {
    const addresses = addressesOf(await use(['models']).started)
    const { port, token } = (await readHostRecord(dataDir))!
    const socket = connect({ host: '127.0.0.1', port })
    socket.write(`${JSON.stringify({ token, start: [] })}\n`)
    await once(socket, 'data')
    socket.resetAndDestroy()
    expect(await findStandIns(['models'], dataDir)).toEqual(addresses)
  })

  it('are had by those who waited for a host that was killed before it was ready', async () => {
    const waiting = Array.from({ length: 4 }, () => use(['postgres', 'models']).started)
    await expect.poll(hostPid, PATIENT).toBeDefined()
    process.kill((await hostPid())!, 'SIGKILL')
    const reports = await Promise.all(waiting)
    const ready = reports.filter((report) => 'addresses' in report).map(addressesOf)
    // Whoever had started that host says so; nobody gets what it left half-way.
    expect(ready.length).toBeGreaterThanOrEqual(3)
    for (const { postgres } of ready) {
      expect(postgres).toBe(ready[0]!.postgres)
      expect(await ask(postgres!, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    }
  })
})

describe('a data folder', { timeout: 180_000 }, () => {
  const record = (port: number, pid = process.pid) => ({ pid, port, token: 'token' })

  it('is free although its last host died and another program has its port', async () => {
    const stranger = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0)
    await once(stranger, 'listening')
    const { port } = stranger.address() as AddressInfo
    await writeFile(join(dataDir, 'host.7.json'), JSON.stringify(record(port)))
    const { adopted, stop } = await startStandIns(['models'], dataDir)
    expect(adopted).toEqual([])
    await stop()
    stranger.close()
  })

  it('is held by a process that lives and does not answer, which is said', async () => {
    const silent = createServer().listen(0)
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    await expect(HostCall.open(record(port), [], 50)).rejects.toThrow(
      `process ${process.pid} holds the data folder and does not answer: end it, or set another DATA_DIR`,
    )
    silent.close()
  })

  it('that cannot be used is named', async () => {
    const file = join(dataDir, 'file')
    await writeFile(file, '')
    await expect(startStandIns(['models'], join(file, 'folder'))).rejects.toThrow(
      `DATA_DIR=${join(file, 'folder')}: `,
    )
  })
})

describe.runIf(process.platform === 'linux')(
  'stand-ins whose processes are killed',
  { timeout: 180_000 },
  () => {
    async function kill(...which: RegExp[]): Promise<void> {
      const running = await processesOn(dataDir)
      const found = which.map((what) => running.find(({ commandLine }) => what.test(commandLine)))
      for (const each of found) process.kill(each!.pid, 'SIGKILL')
    }

    it.each([
      ['the host', /host\.ts/, 'the process that runs them has ended'],
      ['the Postgres server', /^\S*\/bin\/postgres/, 'the embedded postgres has ended'],
      ['the watcher of the Postgres server', /^\/bin\/sh/, 'the embedded postgres has ended'],
    ])('are lost with %s, which their users hear, and leave nothing running', async (_name, what, reason) => {
      await copyCluster(join(dataDir, 'postgres'))
      const { addresses, adopted, lost, stop } = await startStandIns(STAND_INS, dataDir)
      expect({ adopted, addresses }).toMatchObject({ adopted: [], addresses: { pubsub: expect.any(String) } })
      await kill(what)
      expect(await lost).toBe(reason)
      await stop()
      await expect.poll(() => processesOn(dataDir), PATIENT).toEqual([])
    })

    it('leave nothing running where host and Postgres server are killed at once', async () => {
      await copyCluster(join(dataDir, 'postgres'))
      const { lost } = await startStandIns(['postgres'], dataDir)
      await kill(/host\.ts/, /^\S*\/bin\/postgres/)
      await lost
      await expect.poll(() => processesOn(dataDir), PATIENT).toEqual([])
    })
  },
)
