import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PaletteColors } from '../../src/threads/protocol.ts'
import { answerQuestions } from '../measuring-process.ts'

export type StubQuestion = { readonly picture: Buffer; readonly palettes: readonly PaletteColors[] }

/** Answers every call at once: a chat with the same palettes, all else with the same picture. */
const server = createServer()

async function start({ picture, palettes }: StubQuestion): Promise<string> {
  const suggested = palettes.map((colors, i) => ({ name: `Palette ${i}`, description: 'fixed', colors }))
  const message = { role: 'assistant', content: JSON.stringify({ palettes: suggested }) }
  const chat = Buffer.from(JSON.stringify({ choices: [{ index: 0, finish_reason: 'stop', message }] }))
  server.on('request', (request, response) => {
    const isChat = request.url?.startsWith('/v1/chat') ?? false
    const body = isChat ? chat : picture
    request.resume().once('end', () => {
      const type = isChat ? 'application/json' : 'image/png'
      response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

answerQuestions(start, async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})
