import { EventEmitter, once } from 'node:events'
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js'
import type { PubSub } from '@google-cloud/pubsub'
import { afterEach, describe, expect, it } from 'vitest'
import { NO_JOURNAL } from '../../../src/main/embedded/pubsub/journal.ts'
import { loadProtocol } from '../../../src/main/embedded/pubsub/protocol.ts'
import { publisherService } from '../../../src/main/embedded/pubsub/publisher-service.ts'
import { startPubSubServer, type PubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { subscriberService } from '../../../src/main/embedded/pubsub/subscriber-service.ts'
import { Subscriptions } from '../../../src/main/embedded/pubsub/subscriptions.ts'
import { Topics } from '../../../src/main/embedded/pubsub/topics.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { ensurePubSubResources } from '../../../src/main/intake/pubsub-resources.ts'
import { Subscriber } from '../../../src/main/intake/subscriber.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { startStallingProxy } from '../../setup/stalling-proxy.ts'

const TOPIC = 'tasks'
const OPTIONS = {
  subscription: 'worker',
  watch: { periodMs: 200, againMs: 100, answerMs: 500 },
  maxMessages: 10,
  stopTimeoutMs: 5_000,
}
const WAIT = { timeout: 30_000 }

const leftovers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of leftovers.splice(0).toReversed()) await stop()
})

async function startServer(port = 0): Promise<PubSubServer> {
  const server = await startPubSubServer({ port })
  leftovers.push(() => server.stop())
  return server
}

function connect(address: string): PubSub {
  const pubsub = createPubSub('test', address)
  leftovers.push(() => pubsub.close())
  return pubsub
}

/** A subscriber that has been started, and the texts that it received. */
function subscribe(
  pubsub: PubSub,
  prepare = () => ensurePubSubResources(pubsub, TOPIC, OPTIONS.subscription),
) {
  const received: string[] = []
  const { log, lines } = recordedLog()
  const subscriber = new Subscriber(
    pubsub,
    OPTIONS,
    (message) => {
      received.push(Buffer.from(message.data).toString())
      return Promise.resolve('ack')
    },
    prepare,
    log,
  )
  leftovers.push(() => subscriber.stop())
  subscriber.start()
  return { subscriber, received, lines }
}

const publish = (pubsub: PubSub, text: string) =>
  pubsub.topic(TOPIC).publishMessage({ data: Buffer.from(text) })
const portOf = (address: string) => Number(address.split(':').at(-1))

describe('a subscriber', () => {
  it('goes on after an emulator was started again with nothing in it', async () => {
    const first = await startServer()
    const pubsub = connect(first.address)
    await ensurePubSubResources(pubsub, TOPIC, OPTIONS.subscription)
    const { subscriber, received } = subscribe(pubsub)
    await publish(pubsub, 'before')
    await expect.poll(() => received, WAIT).toEqual(['before'])
    await first.stop()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(false)

    await startServer(portOf(first.address))
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    await publish(pubsub, 'after')
    await expect.poll(() => received, WAIT).toEqual(['before', 'after'])
  })

  it('goes on after its subscription was deleted, which is no longer received from in the meantime', async () => {
    const server = await startServer()
    const pubsub = connect(server.address)
    await ensurePubSubResources(pubsub, TOPIC, OPTIONS.subscription)
    let mayPrepare = false
    const { subscriber, received, lines } = subscribe(pubsub, async () => {
      if (!mayPrepare) throw new Error('not yet')
      await ensurePubSubResources(pubsub, TOPIC, OPTIONS.subscription)
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
    const server = await startServer()
    const proxy = await startStallingProxy(`http://${server.address}`)
    leftovers.push(() => proxy.stop())
    const direct = connect(server.address)
    await ensurePubSubResources(direct, TOPIC, OPTIONS.subscription)
    const { subscriber, received } = subscribe(connect(new URL(proxy.url).host))
    await publish(direct, 'before')
    await expect.poll(() => received, WAIT).toEqual(['before'])
    proxy.stall()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(false)
    proxy.resume()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    await publish(direct, 'after')
    await expect.poll(() => received, WAIT).toEqual(['before', 'after'])
  })

  it('that may receive and not ask about its subscription is believed to receive', async () => {
    const { address, denied } = await startDenyingServer()
    const pubsub = connect(address)
    await ensurePubSubResources(pubsub, TOPIC, OPTIONS.subscription)
    const { subscriber, received, lines } = subscribe(pubsub)
    await denied(3)
    expect(subscriber.isReceiving).toBe(true)
    await publish(pubsub, 'a message')
    await expect.poll(() => received, WAIT).toEqual(['a message'])
    expect(lines).toEqual([])
  })
})

/** The server, but that it refuses to tell about a subscription; `denied` waits until it has refused so often. */
async function startDenyingServer() {
  const protocol = await loadProtocol()
  const topics = new Topics(NO_JOURNAL)
  const server = new Server()
  const refusals: string[] = []
  const refused = new EventEmitter()
  server.addService(protocol.publisher, publisherService(topics, NO_JOURNAL))
  server.addService(protocol.subscriber, {
    ...subscriberService(new Subscriptions(topics, NO_JOURNAL), NO_JOURNAL),
    getSubscription: (_call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
      answer({ code: status.PERMISSION_DENIED, details: 'not allowed' })
      refusals.push('getSubscription')
      refused.emit('refusal')
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  leftovers.push(() => Promise.resolve(server.forceShutdown()))
  return {
    address: `127.0.0.1:${port}`,
    denied: async (count: number) => {
      while (refusals.length < count) await once(refused, 'refusal')
    },
  }
}
