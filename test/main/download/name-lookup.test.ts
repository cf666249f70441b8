import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { nameServerLookup } from '../../../src/main/download/name-lookup.ts'
import { nameServer, type Records } from './name-server.ts'

const never = new AbortController().signal

describe('looking up the host of a hostile URL', () => {
  test.each<[string, Records, Records, string[]]>([
    [
      'both families',
      ['1.1.1.1', '10.0.0.1'],
      ['2606:4700:4700::1111'],
      ['1.1.1.1', '10.0.0.1', '2606:4700:4700::1111'],
    ],
    ['IPv4 only', ['1.1.1.1'], [], ['1.1.1.1']],
    ['IPv6 only', [], ['2606:4700:4700::1111'], ['2606:4700:4700::1111']],
    ['IPv4, while the question for IPv6 fails', ['1.1.1.1'], 'server failure', ['1.1.1.1']],
    ['a name without addresses', [], [], []],
    ['no such name', 'no such name', 'no such name', []],
  ])('%s', async (_what, v4, v6, addresses) => {
    const server = await nameServer(v4, v6)
    expect(await nameServerLookup([server.address])('images.example.com', never)).toEqual(addresses)
  })

  test('a server that fails is no answer', async () => {
    const server = await nameServer('server failure', 'server failure')
    await expect(nameServerLookup([server.address])('images.example.com', never)).rejects.toMatchObject({
      code: 'ESERVFAIL',
    })
  })

  test('a failed question and an empty answer do not make a missing name', async () => {
    const server = await nameServer([], 'server failure')
    await expect(nameServerLookup([server.address])('images.example.com', never)).rejects.toMatchObject({
      code: 'ESERVFAIL',
    })
  })

  test('a lookup that is over does not listen to its caller any more', async () => {
    const server = await nameServer(['1.1.1.1'], [])
    const caller = new AbortController()
    await nameServerLookup([server.address])('images.example.com', caller.signal)
    expect(getEventListeners(caller.signal, 'abort')).toEqual([])
  })

  test('names of the hosts file are not known', async () => {
    const server = await nameServer('no such name', 'no such name')
    expect(await nameServerLookup([server.address])('localhost', never)).toEqual([])
  })

  test('a silent server is not waited for once the caller gives up', async () => {
    const server = await nameServer('silence', 'silence')
    const caller = new AbortController()
    const lookup = nameServerLookup([server.address])('images.example.com', caller.signal)
    await Promise.all([
      server.heard.then(() => caller.abort()),
      expect(lookup).rejects.toMatchObject({ code: 'ECANCELLED' }),
    ])
  })

  test('nobody is asked for a caller who has given up', async () => {
    const reason = new Error('the worker stops')
    await expect(
      nameServerLookup(['127.0.0.1:1'])('images.example.com', AbortSignal.abort(reason)),
    ).rejects.toBe(reason)
  })
})
