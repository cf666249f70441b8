/** The thread that calls the models, but that it dies of the first prompt that says how. */
import { parentPort } from 'node:worker_threads'
import type { ModelMessage } from '../../../src/main/models/model-protocol.ts'

await import('../../../src/main/models/model-entry.ts')

parentPort!.on('message', (message: ModelMessage) => {
  if (message.call !== 'generateImage') return
  const hoard: number[][] = []
  switch (message.request.prompt) {
    case 'exit':
      process.exit(3)
      break
    case 'throw':
      throw new TypeError('the token is hf_canary')
    case 'loop':
      for (;;);
    case 'heap':
      for (;;) hoard.push(Array.from({ length: 500_000 }, () => 0.5))
  }
})
