import type { PubSub } from '@google-cloud/pubsub'
import type { ServerDuplexStream } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import type { StreamingPullRequest, StreamingPullResponse } from '../../../src/main/embedded/pubsub/wire.ts'
import type { Settlement } from '../../../src/main/intake/settlement.ts'
import { startStallingProxy } from '../../setup/stalling-proxy.ts'
import { Brokers, OPTIONS, publish, TOPIC, WAIT } from './tested-subscriber.ts'

type Call = ServerDuplexStream<StreamingPullRequest, StreamingPullResponse>
type Serve = (call: Call) => void

const brokers = new Brokers()

afterEach(() => brokers.stop())

async function startBehindProxy() {
  const server = await brokers.startServer()
  const proxy = await startStallingProxy(`http://${server.address}`)
  brokers.later(() => proxy.stop())
  return { proxy, direct: await brokers.connect(server.address), host: new URL(proxy.url).host }
}

async function publishMany(pubsub: PubSub, count: number) {
  const topic = pubsub.topic(TOPIC, { batching: { maxMessages: 1_000 } })
  await Promise.all(
    Array.from({ length: count }, (_, i) => topic.publishMessage({ data: Buffer.from(`${i}`) })),
  )
}

/** What a handler does that ends when the test says so; `begun` resolves with the first message. */
function controlledHandler() {
  let end = (_settlement: Settlement) => {}
  let begin = () => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const ending = new Promise<Settlement>((resolve) => (end = resolve))
  const handle = () => {
    begin()
    return ending
  }
  return { begun, handle, end: (settlement: Settlement) => end(settlement) }
}

describe('hostile conditions: a subscriber that is told to stop with a message in hand', () => {
  // Each would wait for ten minutes if it waited for the broker.
  it.each(['cut', 'stall'] as const)(
    'ends soon after its task, also when the broker is gone (%s)',
    async (fault) => {
      const { proxy, direct, host } = await startBehindProxy()
      const task = controlledHandler()
      const { subscriber } = brokers.subscribe(host, { handle: task.handle })
      await publish(direct, 'a message')
      await task.begun
      proxy[fault]()
      const stopped = subscriber.stop(600_000)
      task.end('ack')
      await stopped
      expect(subscriber.isReceiving).toBe(false)
    },
  )

  it('gives back at once what is not begun, while it waits for what is', async () => {
    const server = await brokers.startServer()
    const pubsub = await brokers.connect(server.address)
    const running = controlledHandler()
    const whenStopping = (stopping: AbortSignal) =>
      new Promise<Settlement>((resolve) => stopping.addEventListener('abort', () => resolve('nack')))
    const first = brokers.subscribe(server.address, {
      handle: (text, stopping) => (text === 'waiting' ? whenStopping(stopping) : running.handle()),
    })
    await Promise.all(['waiting', 'running'].map((text) => publish(pubsub, text)))
    await expect.poll(() => first.received.toSorted(), WAIT).toEqual(['running', 'waiting'])
    const stopped = first.subscriber.stop(600_000)
    const second = brokers.subscribe(server.address)
    await expect.poll(() => second.received, WAIT).toEqual(['waiting'])
    running.end('ack')
    await stopped
    expect(second.received).toEqual(['waiting'])
  })

  it('gives back what has not ended in time', async () => {
    const server = await brokers.startServer()
    const pubsub = await brokers.connect(server.address)
    const task = controlledHandler()
    const first = brokers.subscribe(server.address, { handle: task.handle })
    await publish(pubsub, 'a message')
    await task.begun
    await first.subscriber.stop(0)
    const second = brokers.subscribe(server.address)
    await expect.poll(() => second.received, WAIT).toEqual(['a message'])
  })
})

describe('hostile conditions: a subscriber whose connection died without a word', () => {
  it('receives again by another one', async () => {
    const { proxy, direct, host } = await startBehindProxy()
    const { subscriber, received } = brokers.subscribe(host, { options: { replaceAfterMs: 500 } })
    await publish(direct, 'before')
    await expect.poll(() => received, WAIT).toEqual(['before'])
    proxy.stallOpen()
    await publish(direct, 'after')
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(false)
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    // The broker does not know either, and gives to the dead connection what it has room for.
    await Promise.all(Array.from({ length: 2 * OPTIONS.maxMessages.current }, () => publish(direct, 'later')))
    await expect.poll(() => received, WAIT).toContain('later')
  })
})

describe('hostile conditions: a subscriber whose stream brings nothing although it looks open', () => {
  const SILENCE = { silence: { silentMs: 300, maxSilentMs: 1_000 }, replaceAfterMs: 0 }

  /** A server whose first stream is never served; `streams` counts them all. */
  async function startMuteServer() {
    const streams: Call[] = []
    const address = await brokers.startAltered((service) => ({
      streamingPull: (call: Call) => {
        if (streams.push(call) > 1) (service.streamingPull as Serve)(call)
      },
    }))
    return { address, streams, pubsub: await brokers.connect(address) }
  }

  it('opens another when tasks wait that nobody has heard of', async () => {
    const { address, pubsub } = await startMuteServer()
    const { subscriber, received } = brokers.subscribe(address, {
      options: SILENCE,
      isWorkWaiting: () => Promise.resolve(true),
    })
    await publish(pubsub, 'a message')
    expect(subscriber.isReceiving).toBe(true)
    await expect.poll(() => received, WAIT).toEqual(['a message'])
  })

  it('leaves it alone when there is nothing to do', async () => {
    const { address, streams } = await startMuteServer()
    let questions = 0
    brokers.subscribe(address, {
      options: SILENCE,
      isWorkWaiting: () => {
        questions++
        return Promise.resolve(false)
      },
    })
    await expect.poll(() => questions, WAIT).toBeGreaterThan(2)
    expect(streams).toHaveLength(1)
  })
})

describe('hostile conditions: a subscriber of a broker that sends more than it was asked for', () => {
  const FLOOD = 10_000

  /** A server that ignores the limit on messages, as Google's emulator does. */
  async function startFloodingServer() {
    return brokers.startAltered((service) => ({
      streamingPull: (call: Call) => {
        const emit = call.emit.bind(call)
        call.emit = (event: string | symbol, ...values: unknown[]) => {
          const [request] = values as [StreamingPullRequest | undefined]
          if (event !== 'data' || !request) return emit(event, ...values)
          return emit(event, { ...request, maxOutstandingMessages: 0 })
        }
        ;(service.streamingPull as Serve)(call)
      },
    }))
  }

  it('takes a bounded number in hand, and goes on when they are seen to', async () => {
    const address = await startFloodingServer()
    await publishMany(await brokers.connect(address), FLOOD)
    const waiting: (() => void)[] = []
    let [inHand, most, isFree] = [0, 0, false]
    const { subscriber, received, lines } = brokers.subscribe(address, {
      handle: async () => {
        most = Math.max(most, ++inHand)
        if (!isFree) await new Promise<void>((resolve) => waiting.push(resolve))
        inHand--
        return 'ack'
      },
    })
    await expect
      .poll(() => lines.map(({ message }) => message), WAIT)
      .toContain('more messages than were asked for')
    // What is not taken keeps nobody from knowing that the worker receives.
    expect(subscriber.isReceiving).toBe(true)
    expect(inHand).toBe(1_000)
    isFree = true
    for (const go of waiting) go()
    await expect.poll(() => new Set(received).size, WAIT).toBeGreaterThan(1_000)
    expect(most).toBe(1_000)
  })
})

describe('a subscriber whose limit has grown far since its start', () => {
  it('takes as many messages in hand as it asks for', async () => {
    const server = await brokers.startServer()
    const pubsub = await brokers.connect(server.address)
    const maxMessages = { current: 10 }
    const waiting: (() => void)[] = []
    const { received, lines } = brokers.subscribe(server.address, {
      options: { maxMessages, replaceAfterMs: 0 },
      handle: async (text) => {
        if (text !== 'first') await new Promise<void>((resolve) => waiting.push(resolve))
        return 'ack'
      },
    })
    maxMessages.current = 1_200
    await publish(pubsub, 'first')
    await expect.poll(() => received, WAIT).toEqual(['first'])
    await publishMany(pubsub, 1_200)
    await expect.poll(() => waiting.length, WAIT).toBe(1_200)
    expect(lines).toEqual([])
    for (const go of waiting) go()
  })
})

describe('a subscriber with many messages that wait for its stop', () => {
  it('is not warned of a leak', async () => {
    const server = await brokers.startServer()
    const pubsub = await brokers.connect(server.address)
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const { subscriber, received } = brokers.subscribe(server.address, {
      options: { maxMessages: { current: 100 } },
      handle: (_, stopping) =>
        new Promise((resolve) => stopping.addEventListener('abort', () => resolve('nack'))),
    })
    await publishMany(pubsub, 50)
    await expect.poll(() => received.length, WAIT).toBe(50)
    await subscriber.stop(60_000)
    process.off('warning', note)
    expect(warnings).toEqual([])
  })
})

describe('hostile conditions: a suspended subscriber', () => {
  it('receives nothing until every reason is gone, and settles what it has in hand', async () => {
    const server = await brokers.startServer()
    const pubsub = await brokers.connect(server.address)
    const task = controlledHandler()
    const { subscriber, received } = brokers.subscribe(server.address, { handle: task.handle })
    await publish(pubsub, 'in hand')
    await task.begun
    subscriber.suspend('one')
    subscriber.suspend('two')
    expect(subscriber.isReceiving).toBe(false)
    await publish(pubsub, 'later')
    const other = brokers.subscribe(server.address)
    await expect.poll(() => other.received, WAIT).toEqual(['later'])
    await other.subscriber.stop(0)
    task.end('ack')
    subscriber.resume('one')
    await publish(pubsub, 'afterwards')
    expect(subscriber.isReceiving).toBe(false)
    subscriber.resume('two')
    await expect.poll(() => received, WAIT).toEqual(['in hand', 'afterwards'])
  })
})
