/**
 * A process of its own, because the certificates that a process trusts are settled when it starts. Downloads the
 * URLs of its arguments one after the other from the machine itself, and prints what came of each as JSON.
 */
import { GuardedDownload } from '../../../src/main/download/guarded-download.ts'
import { Failure } from '../../../src/processors/failure.ts'

const download = new GuardedDownload({
  maxBytes: 4_096,
  // Longer than the test may take: a timer left running would keep this process alive for too long.
  timeoutMs: 120_000,
  isAllowedAddress: () => true,
  lookup: async () => ['127.0.0.1'],
})

const results: string[] = []
for (const url of process.argv.slice(2)) {
  try {
    const bytes = await download.fetch(url, new AbortController().signal)
    results.push(Buffer.from(bytes).toString())
  } catch (error) {
    results.push(error instanceof Failure ? error.message : 'an unexpected error')
  }
}
process.stdout.write(JSON.stringify(results))
