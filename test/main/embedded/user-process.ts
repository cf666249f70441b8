import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Addresses, StandIn } from '../../../src/main/embedded/stand-in.ts'

export type UserReport =
  | { readonly addresses: Addresses; readonly adopted: readonly StandIn[] }
  | { readonly error: string }
  | { readonly lost: string }

export type UserProcess = {
  /** How its start went. */
  readonly started: Promise<UserReport>
  /** The reason, when it loses its stand-ins. */
  readonly lost: Promise<string>
  /** Uses its stand-ins no longer, and resolves when it has ended. */
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('./stand-in-user.ts', import.meta.url))

/** A process that uses the stand-ins of a data folder, as a worker does. */
export function startUser(dataDir: string, wanted: readonly StandIn[]): UserProcess {
  const child = fork(PROGRAM, [dataDir, ...wanted], { execArgv: ['--import', 'tsx'] })
  const exited = once(child, 'exit')
  const ended = exited.then(([code]): UserReport => ({ error: `the process ended with code ${code}` }))
  const message = (has: 'addresses' | 'lost') =>
    new Promise<UserReport>((resolve) => {
      child.on('message', (report: UserReport) => {
        if (has in report || 'error' in report) resolve(report)
      })
    })
  const lost = message('lost')
  return {
    started: Promise.race([message('addresses'), ended]),
    lost: lost.then((report) => ('lost' in report ? report.lost : '')),
    stop: async () => {
      if (child.connected) child.disconnect()
      await exited
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
