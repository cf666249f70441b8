/** Makes one call to the model at the address that it is given, says what came of it, and stops nothing. */
import { ModelThread } from '../../../src/main/models/model-thread.ts'

const target = { provider: null, endpointUrl: null, parameters: {}, model: 'm' }
const thread = new ModelThread({
  token: null,
  endpointUrl: process.argv[2] ?? null,
  image: target,
  edit: target,
  palette: target,
  timeoutMs: 3_600_000,
})
const request = { prompt: 'a fox', seed: 1, idempotencyKey: 'k' }
const image = await thread.generateImage(request, new AbortController().signal)
process.stdout.write(Buffer.from(image).toString('hex'))
