import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { JobResult } from '../protocol.ts'

/**
 * Marks a result so that piscina hands its encoded files to the main thread by transfer and copies nothing.
 * Pixels and tables lie in shared memory, which is never copied. The result stays a plain object for
 * everyone else: the marks are symbols, which a structured clone leaves out.
 *
 * The thread must not read the files after it has answered.
 */
export function transferFiles(result: JobResult): JobResult {
  if (!result.ok) return result
  const { output } = result
  const files: ArrayBuffer[] = []
  if ('bytes' in output) files.push(output.bytes.buffer)
  if ('encoded' in output) files.push(output.encoded.bytes.buffer)
  if (files.length > 0) move(Object.assign(result, { [transferableSymbol]: files, [valueSymbol]: result }))
  return result
}
