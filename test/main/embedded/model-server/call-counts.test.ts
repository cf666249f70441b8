import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallCount } from '../../../../src/main/embedded/model-server/call-counts.ts'
import { startModelServer, type ModelServer } from '../../../../src/main/embedded/model-server/server.ts'

let server: ModelServer

beforeAll(async () => {
  server = await startModelServer()
})

afterAll(() => server.stop())

const draw = async (body: object, key?: string) => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
}

describe('the calls that a model server has had', () => {
  it('are counted by their key, those that got a result apart', async () => {
    const logo = { inputs: 'a leaf', parameters: { width: 64, height: 64 } }
    await draw(logo, 'task/generate_image/1')
    await draw(logo, 'task/generate_image/1')
    await draw({ inputs: '' }, 'task/generate_image/2')
    await draw(logo)
    const response = await fetch(`${server.url}/calls`)
    const { calls } = (await response.json()) as { calls: CallCount[] }
    expect(calls).toMatchObject([
      { key: 'task/generate_image/1', received: 2, answered: 2 },
      { key: 'task/generate_image/2', received: 1, answered: 0 },
    ])
    for (const { firstAt, lastAt } of calls)
      expect(Date.parse(firstAt)).toBeLessThanOrEqual(Date.parse(lastAt))
  })
})
