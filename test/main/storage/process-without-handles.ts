/**
 * Stores an image in the folder that it is given while the process has no file handle left, and again when it has, and
 * prints what came of both.
 */
import { closeSync, openSync } from 'node:fs'
import type { Failure } from '../../../src/processors/failure.ts'
import { LocalFiles } from '../../../src/main/storage/local-files.ts'

const store = new LocalFiles(process.argv[2]!)
const image = { bytes: new Uint8Array(3), contentType: 'image/png', width: 1, height: 1 } as const
const put = () =>
  store.put('a/base.png', image, new AbortController().signal).then(
    () => 'stored',
    ({ category, retryable, cause }: Failure) => ({ category, retryable, cause: (cause as Error).message }),
  )

const taken: number[] = []
try {
  for (;;) taken.push(openSync('/dev/null', 'r'))
} catch {
  // None is left.
}
const without = await put()
for (const handle of taken) closeSync(handle)
const withHandles = await put()
await store.close()
process.stdout.write(JSON.stringify([without, withHandles]))
