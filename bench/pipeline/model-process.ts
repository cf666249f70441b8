/**
 * A model server that costs next to nothing: the repository's own pictures and palettes, in turn, each after a latency
 * drawn from a distribution. It speaks HTTP as a dedicated inference endpoint does.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { processInput, tell } from '../bench-process.ts'
import { PALETTES, PICTURES, readPictures } from '../pictures.ts'
import { latencyMs } from './latency.ts'

export type ModelInput = {
  /** Mean of the calls for an image; one for palettes takes a fifth. */
  readonly latencyMs: number
  readonly sidePx: number
}

const PALETTE_PART = 0.2

const { latencyMs: meanMs, sidePx } = processInput() as ModelInput
const pictures = await readPictures(PICTURES, sidePx)
const palettes = (JSON.parse(await readFile(PALETTES, 'utf8')) as object[]).map((palette) => ({
  description: 'from a list',
  ...palette,
}))
const chat = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 0,
  model: 'list',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: JSON.stringify({ palettes }) },
    },
  ],
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
})

let images = 0
const server = createServer((request, response) => {
  void (async () => {
    const isChat = request.url === '/v1/chat/completions'
    request.resume()
    await once(request, 'end')
    await delay(latencyMs(isChat ? meanMs * PALETTE_PART : meanMs, Math.random(), Math.random()))
    const body = isChat ? chat : pictures[images++ % pictures.length]?.encoded
    response.writeHead(200, { 'content-type': isChat ? 'application/json' : 'image/png' })
    response.end(body)
  })()
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.once('disconnect', () => {
  server.close()
  server.closeAllConnections()
})
tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
