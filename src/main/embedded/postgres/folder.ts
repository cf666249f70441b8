import { createHash } from 'node:crypto'
import { chown, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EmbeddedPostgresError, type ServerUser } from './binaries.ts'

const OTHERS_MAY_PASS = 0o001
/** Survives a reboot, unlike /tmp. */
const SHARED_FOLDER = '/var/tmp'

/**
 * The folder that holds the cluster, made where it is missing. It is the given one, but for root, whose server
 * runs as another user: where that user cannot get there, the folder is in /var/tmp under a name that follows
 * from the given one, so that the next start finds the same data.
 */
export async function clusterFolder(dataDir: string, user: ServerUser): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const { uid, gid } = user
  if (uid === undefined || gid === undefined) return dataDir
  const real = await realpath(dataDir)
  const folder = (await othersReach(dirname(real))) ? real : await sharedFolder(real)
  const { uid: owner } = await stat(folder)
  if (owner !== 0 && owner !== uid) {
    throw new EmbeddedPostgresError(`${folder} belongs to another user: remove it, or set DATABASE_URL`)
  }
  await chown(folder, uid, gid)
  return folder
}

async function sharedFolder(dataDir: string): Promise<string> {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const folder = join(SHARED_FOLDER, `concept-worker-${name}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** Whether every folder on the way lets others pass. */
async function othersReach(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & OTHERS_MAY_PASS) === 0) return false
  return folder === dirname(folder) || othersReach(dirname(folder))
}
