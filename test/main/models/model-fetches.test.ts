import type { IncomingHttpHeaders } from 'node:http'
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { modelFetches } from '../../../src/main/models/model-fetches.ts'
import { failureOf, KEY, PNG, publicDownload, serve, TOKEN } from './tested-models.ts'

const headers = { authorization: `Bearer ${TOKEN}` }

/** The client's two ways to the network in one call, and a server that says what it was asked with. */
async function call() {
  const asked: IncomingHttpHeaders[] = []
  const listener: Parameters<typeof serve>[0] = (request, response) => {
    asked.push(request.headers)
    response.end(PNG)
  }
  const [called, other] = await Promise.all([serve(listener), serve(listener)])
  const dispatcher = new Agent()
  onTestFinished(() => dispatcher.destroy())
  const bounds = {
    subject: 'the image model',
    signal: new AbortController().signal,
    maxBytes: 1_000,
    idempotencyKey: KEY,
    dispatcher,
  }
  const fetches = modelFetches(bounds, publicDownload())
  await fetches.call(`${other.url}/hub`, { headers })
  await fetches.call(called.url, { method: 'POST', headers, body: '{}' })
  const keys = asked.splice(0).map((sent) => sent['idempotency-key'])
  return { ...fetches, called: called.url, other: other.url, asked, keys }
}

describe('a question of the client that carries the token', () => {
  it('goes to the host of the call', async () => {
    const { followUp, called, asked } = await call()
    const answer = await followUp(`${called}/status`, { headers })
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG)
    expect(asked).toMatchObject([headers])
  })

  it('goes to no other host, not even to one that was asked before the call', async () => {
    const { followUp, other, asked } = await call()
    expect((await failureOf(followUp(`${other}/status`, { headers }))).category).toBe('invalid_output')
    expect(asked).toEqual([])
  })
})

describe('the key that a call is known by', () => {
  it('goes with the call itself and with nothing else', async () => {
    const { followUp, called, asked, keys } = await call()
    await followUp(`${called}/status`, { headers })
    expect(keys).toEqual([undefined, KEY])
    expect(asked[0]).not.toHaveProperty('idempotency-key')
  })
})
