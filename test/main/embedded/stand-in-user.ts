/**
 * A process of its own that uses stand-ins, says how that went, and uses them no longer when its parent disconnects.
 */
import { once } from 'node:events'
import { startStandIns, type RunningStandIns } from '../../../src/main/embedded/start-stand-ins.ts'
import type { StandIn } from '../../../src/main/embedded/stand-in.ts'
import type { UserReport } from './user-process.ts'

const [dataDir = '', ...wanted] = process.argv.slice(2)
const report = (message: UserReport) => process.send?.(message)

let standIns: RunningStandIns | undefined
try {
  standIns = await startStandIns(wanted as StandIn[], dataDir)
  void standIns.lost.then((lost) => report({ lost }))
  const { addresses, adopted } = standIns
  report({ addresses, adopted })
  if (process.connected) await once(process, 'disconnect')
} catch (error) {
  report({ error: error instanceof Error ? error.message : String(error) })
} finally {
  await standIns?.stop()
  if (process.connected) process.disconnect()
}
