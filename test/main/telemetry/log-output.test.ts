import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('../../../dist/main/telemetry/log-output.js', import.meta.url).href

/** More than a pipe holds, and less than what waits at most. */
const LINES_OF_TWO_MIB = 20_000
const LINES_OF_TWELVE_MIB = 120_000

/** Starts a process that logs so many lines of 100 characters, and then does what `after` says. */
function startLogging(lines: number, after: string, output: 'pipe' | number = 'pipe'): ChildProcess {
  const script = `
    const { LogOutput } = await import(${JSON.stringify(MODULE)})
    const output = new LogOutput()
    for (let at = 0; at < ${String(lines)}; at++) output.write(JSON.stringify({ at }).padEnd(99) + '\\n')
    ${after}`
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', output, 'pipe', 'ipc'],
  })
}

/** Says that all lines were logged, and ends when it is told to. */
const UNTIL_TOLD = `process.send('logged'); process.once('message', () => process.disconnect())`

/** What the process has logged, which is told to end once that is enough. */
async function linesUntil(child: ChildProcess, isEnough: (text: string) => boolean): Promise<string[]> {
  let logged = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    logged += part
    if (isEnough(logged)) child.send('end')
  })
  await once(child, 'close')
  return logged.trimEnd().split('\n')
}

describe('the output of the log', () => {
  it('ends with the process although nobody reads it', async () => {
    const child = startLogging(LINES_OF_TWO_MIB, 'process.disconnect()')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(0)
  })

  it('ends with a process that is ended although nobody reads it', async () => {
    const child = startLogging(LINES_OF_TWO_MIB, 'setImmediate(() => process.exit(3))')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(3)
  })

  it('writes what has waited for a slow reader, each line once', async () => {
    const child = startLogging(LINES_OF_TWO_MIB, UNTIL_TOLD)
    await once(child, 'message')
    const lines = await linesUntil(child, (text) => text.length === LINES_OF_TWO_MIB * 100)
    expect(lines.map((line) => (JSON.parse(line) as { at: number }).at)).toEqual([
      ...Array(LINES_OF_TWO_MIB).keys(),
    ])
  })

  it('leaves out what is too much to wait, and says how many lines', async () => {
    const child = startLogging(LINES_OF_TWELVE_MIB, UNTIL_TOLD)
    await once(child, 'message')
    const lines = await linesUntil(child, (text) => text.includes('left out'))
    const last = JSON.parse(lines.at(-1)!) as { lines: number; msg: string }
    expect(last).toMatchObject({ level: 40, msg: 'lines of the log were left out' })
    expect(last.lines).toBeGreaterThan(0)
    expect(lines.length - 1 + last.lines).toBe(LINES_OF_TWELVE_MIB)
  })

  it.runIf(existsSync('/dev/full'))('goes on and ends on a disk that is full', async () => {
    const full = await open('/dev/full', 'w')
    try {
      const child = startLogging(1, UNTIL_TOLD, full.fd)
      const errors = text(child.stderr!)
      await once(child, 'message')
      child.send('end')
      const [code] = (await once(child, 'exit')) as [number | null]
      expect([code, await errors]).toEqual([0, ''])
    } finally {
      await full.close()
    }
  })
})
