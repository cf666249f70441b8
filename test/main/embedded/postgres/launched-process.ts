import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export type LaunchReport = { readonly url: string } | { readonly error: string }

export type LaunchOptions = {
  readonly dataDir: string
  /** Folder of the clone whose launcher runs; this one where it is missing. */
  readonly clone?: string
  readonly uid?: number | undefined
  readonly env?: Readonly<Record<string, string>>
}

export type LaunchedProcess = {
  readonly report: LaunchReport
  /** Stops its server, and resolves when the process has ended. */
  stop(): Promise<void>
  /** SIGKILL for it and whatever else is in its process group. */
  kill(): Promise<void>
}

export const CLONE = fileURLToPath(new URL('../../../../', import.meta.url)).replace(/\/$/, '')

const TYPESCRIPT = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** Starts the embedded Postgres from another process: one of another user, or one that can be killed. */
export async function launch({ dataDir, clone = CLONE, uid, env }: LaunchOptions): Promise<LaunchedProcess> {
  const child = fork(fileURLToPath(new URL('./launcher.ts', import.meta.url)), [clone, dataDir], {
    cwd: dirname(dataDir),
    execArgv: ['--import', TYPESCRIPT],
    env: { ...process.env, ...env },
    detached: true,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const exited = once(child, 'exit')
  const report = await Promise.race([
    once(child, 'message').then(([message]) => message as LaunchReport),
    exited.then(([code]): LaunchReport => ({ error: `the launcher ended with code ${code}` })),
  ])
  return {
    report,
    stop: async () => {
      if (child.connected) child.disconnect()
      await exited
    },
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null)
        process.kill(-(child.pid as number), 'SIGKILL')
      await exited
    },
  }
}
