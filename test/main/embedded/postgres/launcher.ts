/**
 * A process of its own that starts the embedded Postgres from the sources of a clone, says how that went, and
 * stops it when its parent disconnects.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunningPostgres, startPostgres } from '../../../../src/main/embedded/postgres/cluster.ts'
import type { LaunchReport } from './launched-process.ts'

const [clone = '', dataDir = ''] = process.argv.slice(2)
const path = join(clone, 'src/main/embedded/postgres/cluster.ts')
const launcher = (await import(pathToFileURL(path).href)) as { startPostgres: typeof startPostgres }
const report = (message: LaunchReport) => process.send?.(message)

let postgres: RunningPostgres | undefined
try {
  postgres = await launcher.startPostgres({ dataDir, durable: false })
  report({ url: postgres.url })
  await once(process, 'disconnect')
} catch (error) {
  report({ error: error instanceof Error ? error.message : String(error) })
} finally {
  await postgres?.stop()
  if (process.connected) process.disconnect()
}
