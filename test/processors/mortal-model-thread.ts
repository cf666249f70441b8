/** The thread that calls the models, but that it ends when the channel below says so. */
import { BroadcastChannel } from 'node:worker_threads'

new BroadcastChannel('deaths of the model thread').addEventListener('message', () => process.exit(3))
await import('../../src/main/models/model-entry.ts')
