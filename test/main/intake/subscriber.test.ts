import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { ensurePubSubResources } from '../../../src/main/intake/pubsub-resources.ts'
import { startStallingProxy } from '../../setup/stalling-proxy.ts'
import { Brokers, OPTIONS, publish, TOPIC, WAIT } from './tested-subscriber.ts'

const portOf = (address: string) => Number(address.split(':').at(-1))
const brokers = new Brokers()

afterEach(() => brokers.stop())

describe('a subscriber', () => {
  it('goes on after an emulator was started again with nothing in it', async () => {
    const first = await brokers.startServer()
    const pubsub = await brokers.connect(first.address)
    const { subscriber, received } = brokers.subscribe(first.address)
    await publish(pubsub, 'before')
    await expect.poll(() => received, WAIT).toEqual(['before'])
    await first.stop()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(false)

    await brokers.startServer(portOf(first.address))
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    await publish(pubsub, 'after')
    await expect.poll(() => received, WAIT).toEqual(['before', 'after'])
  })

  it('goes on after its subscription was deleted, which is no longer received from in the meantime', async () => {
    const server = await brokers.startServer()
    const pubsub = await brokers.connect(server.address)
    let mayPrepare = false
    const { subscriber, received, lines } = brokers.subscribe(server.address, {
      prepare: async (client) => {
        if (!mayPrepare) throw new Error('not yet')
        await ensurePubSubResources(client, TOPIC, OPTIONS.subscription)
      },
    })
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    await pubsub.subscription(OPTIONS.subscription).delete()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(false)
    await expect.poll(() => lines.map(({ message }) => message), WAIT).toContain('the subscription broke')
    mayPrepare = true
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    await publish(pubsub, 'after')
    await expect.poll(() => received, WAIT).toEqual(['after'])
  })

  it('does not claim to receive while the broker hangs, and receives again when it comes back', async () => {
    const server = await brokers.startServer()
    const proxy = await startStallingProxy(`http://${server.address}`)
    brokers.later(() => proxy.stop())
    const direct = await brokers.connect(server.address)
    const { subscriber, received } = brokers.subscribe(new URL(proxy.url).host)
    await publish(direct, 'before')
    await expect.poll(() => received, WAIT).toEqual(['before'])
    proxy.stall()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(false)
    proxy.resume()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    await publish(direct, 'after')
    await expect.poll(() => received, WAIT).toEqual(['before', 'after'])
  })

  it('follows the number of messages that it may hold, with those in hand left alone', async () => {
    const server = await brokers.startServer()
    const pubsub = await brokers.connect(server.address)
    const maxMessages = { current: 1 }
    const finish = new Map<string, () => void>()
    const { received } = brokers.subscribe(server.address, {
      options: { maxMessages, replaceAfterMs: 0 },
      handle: (text) => new Promise((resolve) => finish.set(text, () => resolve('ack'))),
    })
    const texts = ['a', 'b', 'c', 'd', 'e']
    for (const text of texts) await publish(pubsub, text)
    await expect.poll(() => received.length, WAIT).toBe(1)
    maxMessages.current = 4
    finish.get(received[0]!)?.()
    await expect.poll(() => received.length, WAIT).toBe(5)
    for (const text of texts) finish.get(text)?.()
    expect(received.toSorted()).toEqual(texts)
  })

  it('that may receive and not ask about its subscription is believed to receive', async () => {
    let refused = 0
    const address = await brokers.startAltered(() => ({
      getSubscription: (_call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
        answer({ code: status.PERMISSION_DENIED, details: 'not allowed' })
        refused++
      },
    }))
    const pubsub = await brokers.connect(address)
    const { subscriber, received, lines } = brokers.subscribe(address)
    await expect.poll(() => refused, WAIT).toBeGreaterThan(2)
    expect(subscriber.isReceiving).toBe(true)
    await publish(pubsub, 'a message')
    await expect.poll(() => received, WAIT).toEqual(['a message'])
    expect(lines).toEqual([])
  })
})
