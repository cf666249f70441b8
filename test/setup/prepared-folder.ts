import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

/**
 * A new folder for a worker to run in, whose embedded database was made and migrated already: what a test is not
 * about need not be made again for it.
 */
export async function preparedFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  await copyCluster(join(folder, '.concept-worker', 'postgres'))
  return folder
}

/** Makes the data folder of an embedded Postgres, with its cluster in it. */
export async function copyCluster(dataDir: string): Promise<void> {
  await copyFolder(inject('preparedCluster'), dataDir)
}

/** With owners and permissions, which Postgres looks at. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  if (process.platform === 'win32') await cp(from, to, { recursive: true })
  else await promisify(execFile)('cp', ['-a', `${from}/.`, to])
}
