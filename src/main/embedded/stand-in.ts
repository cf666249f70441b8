import { folderTrouble, UnusableSetting } from '../config/unusable-setting.ts'

/** What can be stood in for by something embedded. */
export const STAND_INS = ['postgres', 'pubsub', 'models'] as const
export type StandIn = (typeof STAND_INS)[number]

/** Where each runs: a database URL, HOST:PORT, and an endpoint URL. */
export type Addresses = { readonly [name in StandIn]?: string }

/** A stand-in could not be started or reached; the message says why. */
export class StandInError extends Error {
  override readonly name = 'StandInError'
}

/** The error of a data folder that the stand-ins cannot keep their files in. */
export function unusableDataFolder(dataDir: string, error: unknown): UnusableSetting {
  const { code, kind } = folderTrouble(error)
  const problem = `the embedded services cannot keep their files there (${code}); expected a folder that can be made and written`
  return new UnusableSetting(`DATA_DIR=${dataDir}`, problem, kind, { cause: error })
}
