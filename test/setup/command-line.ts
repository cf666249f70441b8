import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../dist/main/launch.cjs', import.meta.url))

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Only what the command needs: no variable of the machine reaches it, and a worker is one process on any machine. */
function environment(env: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', WORKER_PROCESSES: '1', ...env }
}

/** Runs the built command line to its end. */
export async function runCommand(
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<Finished> {
  const child = startCommand(args, options)
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: stdout(), stderr: stderr() }
}

export type StartOptions = {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** In a process group of its own, as a shell starts what is typed. */
  readonly ownGroup?: boolean
}

/** Starts the built command line. */
export function startCommand(
  args: readonly string[],
  { env = {}, cwd, ownGroup = false }: StartOptions = {},
): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
    ...(cwd === undefined ? {} : { cwd }),
  })
}

/** Resolves with the log line of a running worker that has this message. */
export function logLine(child: ChildProcess, message: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let rest = ''
    const onData = (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const entry = JSON.parse(line) as Record<string, unknown>
        if (entry.msg !== message) continue
        child.stdout?.off('data', onData)
        resolve(entry)
      }
    }
    child.stdout?.setEncoding('utf8').on('data', onData)
    child.once('close', () => reject(new Error(`the process ended without the log line "${message}"`)))
  })
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}
