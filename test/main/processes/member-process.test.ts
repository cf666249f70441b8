import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemberProcess } from '../../../src/main/processes/member-process.ts'

const ANSWERING = `
  process.on('message', ({ id }) => process.send({ id, answer: [{ name: 'a' }] }))
  process.send({ started: true })`

const [node, script] = process.argv
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'member-process-'))
  process.argv[1] = join(folder, 'answering.cjs')
  await writeFile(process.argv[1], ANSWERING)
})

afterAll(async () => {
  process.argv.splice(0, 2, node!, script!)
  await rm(folder, { recursive: true, force: true })
})

/** Apart, so that no variable of a test keeps the answer. */
async function weakAnswer(member: MemberProcess): Promise<WeakRef<object>> {
  return new WeakRef((await member.metrics())!)
}

it('keeps no answer that was given', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const member = new MemberProcess(1, {})
  try {
    expect(await member.started).toBe(true)
    const answers = [await weakAnswer(member), await weakAnswer(member), await weakAnswer(member)]
    // An object that a reference was made for lives to the end of the turn.
    await new Promise(setImmediate)
    collect()
    // The newest may be kept by a frame of the event loop.
    expect(answers.slice(0, -1).map((answer) => answer.deref())).toEqual([undefined, undefined])
  } finally {
    member.kill('SIGKILL')
    await member.ended
  }
})
