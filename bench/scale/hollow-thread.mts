import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { CannedAnswer } from './canned-answers.ts'
import type { EncodedImage, JobBatch, JobRequest } from '../../src/threads/protocol.ts'

/** What real threads answered with, in memory that is shared where theirs was. */
const answers = shared(deserialize(readFileSync(process.env.HOLLOW_ANSWERS ?? ''))) as Record<
  string,
  CannedAnswer
>
/** How many times as long as a real thread one takes: more of them fit on the machine then. */
const stretch = Number(process.env.HOLLOW_STRETCH)
/** Places of `PROGRESS`: a compiled module of its own imports nothing of the worker's. */
const [JOB_AT, BEGUN_AT_NS] = [0, 1]
const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** Takes the time of the real jobs, asleep, and answers what a real thread answered. */
export default function runBatch({ requests, progress }: JobBatch): unknown {
  // Taken back by the main thread before.
  if (Atomics.compareExchange(progress, BEGUN_AT_NS, 0n, process.hrtime.bigint()) !== 0n) return []
  // Files leave with the answer, as real ones do.
  const files: ArrayBuffer[] = []
  const results = requests.map((request, at) => {
    Atomics.store(progress, JOB_AT, BigInt(at))
    Atomics.store(progress, BEGUN_AT_NS, process.hrtime.bigint())
    const { runMs, output } = answerTo(request)
    const takesMs = runMs * stretch
    Atomics.wait(nobody, 0, 0, takesMs)
    return { ok: true, output: withOwnFiles(output, files), runMs: takesMs }
  })
  return files.length === 0
    ? results
    : move(Object.assign(results, { [transferableSymbol]: files, [valueSymbol]: results }))
}

function answerTo(request: JobRequest): CannedAnswer {
  const answer = answers[request.job]!
  if (request.job !== 'prepareImage' || !request.input.analyse) return answer
  const { output: value, runMs } = answers.analyseImage!
  return { output: { ...answer.output, analysis: { value, runMs } }, runMs: answer.runMs + runMs }
}

function withOwnFiles(output: object, files: ArrayBuffer[]): object {
  if ('encoded' in output) return { ...output, encoded: withOwnFiles(output.encoded as EncodedImage, files) }
  if (!('bytes' in output)) return output
  const bytes = (output as EncodedImage).bytes.slice()
  files.push(bytes.buffer)
  return { ...output, bytes }
}

function shared(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  // What was read from a file is a view of all of it, which every message would carry along.
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice()
  if (Array.isArray(value)) return value.map(shared)
  if ('shared' in value) return inSharedMemory(value.shared as Uint8Array)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shared(part)]))
}

function inSharedMemory(value: Uint8Array): Uint8Array {
  const View = value.constructor as new (memory: SharedArrayBuffer) => Uint8Array
  const view = new View(new SharedArrayBuffer(value.byteLength))
  view.set(value)
  return view
}
