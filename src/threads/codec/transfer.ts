import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { JobResult } from '../protocol.ts'

/**
 * Marks results so that piscina hands their encoded files to the main thread by transfer and copies nothing.
 * Pixels and tables lie in shared memory, which is never copied. The results stay a plain list for
 * everyone else: the marks are symbols, which a structured clone leaves out.
 *
 * The thread must not read the files after it has answered.
 */
export function transferFiles(results: readonly JobResult[]): readonly JobResult[] {
  const files: ArrayBuffer[] = []
  for (const result of results) {
    if (!result.ok) continue
    const { output } = result
    if ('bytes' in output) files.push(output.bytes.buffer)
    if ('encoded' in output) files.push(output.encoded.bytes.buffer)
  }
  if (files.length > 0) move(Object.assign(results, { [transferableSymbol]: files, [valueSymbol]: results }))
  return results
}
