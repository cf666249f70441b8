import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { startPubSubServer } from '../../../../src/main/embedded/pubsub/server.ts'
import { StockConsumer } from './test-consumers.ts'
import { refusal, stockClient, TestPubSub } from './test-pubsub.ts'

const portOf = (address: string) => Number(address.split(':').at(-1))

describe('the server', () => {
  it('ends streams and waiting pulls with UNAVAILABLE when it stops, once', async () => {
    const test = await TestPubSub.start()
    const subscription = await test.createSubscription()
    const stream = await subscription.stream()
    const pull = refusal(
      test.subscriber.pull({ subscription: subscription.name, maxMessages: 1 }, { retry: null }),
    )
    // Calls of one connection arrive in order: the pull waits when this one answers.
    await subscription.pullNow()
    const stopped = [test.server.stop(), test.server.stop()]
    expect(await stream.ended).toMatchObject({ code: status.UNAVAILABLE })
    expect(await pull).toMatchObject({ code: status.UNAVAILABLE })
    await Promise.all(stopped)
    await test.stop()
  })

  it('is found again by the stock client when it is started anew on the same port', async () => {
    const first = await startPubSubServer({})
    const pubsub = stockClient(first.address)
    const create = () => pubsub.createTopic('tasks').then(([topic]) => topic.createSubscription('worker'))
    const [subscription] = await create()
    const before = new StockConsumer(subscription)
    await pubsub.topic('tasks').publishMessage({ data: Buffer.from('before') })
    await before.received(1)
    const failed = before.failed()
    await first.stop()

    const second = await startPubSubServer({ port: portOf(first.address) })
    expect(second.address).toBe(first.address)
    // The client was only cut off from the first server; the second has no such subscription.
    expect(await failed).toMatchObject({ code: status.NOT_FOUND })
    const [again] = await create()
    const after = new StockConsumer(again)
    await pubsub.topic('tasks').publishMessage({ data: Buffer.from('after') })
    const [message] = await after.received(1)
    expect(message?.data.toString()).toBe('after')
    await after.close()
    await pubsub.close()
    await second.stop()
  })

  it('says so when it cannot listen', async () => {
    const server = await startPubSubServer({})
    const port = portOf(server.address)
    await expect(startPubSubServer({ port })).rejects.toThrow(
      new RegExp(`cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`),
    )
    await server.stop()
  })

  it('answers UNIMPLEMENTED to what it does not offer', async () => {
    const test = await TestPubSub.start()
    const { name, topic } = await test.createSubscription()
    for (const { code } of [
      await refusal(test.subscriber.seek({ subscription: name, time: { seconds: 0 } })),
      await refusal(test.subscriber.modifyPushConfig({ subscription: name, pushConfig: {} })),
      await refusal(
        test.subscriber.createSnapshot({ name: 'projects/test/snapshots/one', subscription: name }),
      ),
      await refusal(test.publisher.detachSubscription({ subscription: name })),
      await refusal(test.pubsub.topic(topic).iam.getPolicy()),
    ]) {
      expect(code).toBe(status.UNIMPLEMENTED)
    }
    await test.stop()
  })

  it('leaves nothing behind that would keep its process alive', async () => {
    const moduleUrl = new URL('./test-pubsub.ts', import.meta.url).href
    const script = `
      const { TestPubSub } = await import('${moduleUrl}')
      const test = await TestPubSub.start()
      const subscription = await test.createSubscription({ ackDeadlineSeconds: 600 })
      await subscription.publish('leased', 'waiting')
      await subscription.pullNow(1)
      const stream = await subscription.stream()
      await stream.received(1)
      await test.server.stop()
      await test.stop()
      console.log('stopped')
    `
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(stdout).toBe('stopped\n')
  })
})
