import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startPubSubServer } from '../../../../src/main/embedded/pubsub/server.ts'
import { StoredState } from '../../../../src/main/embedded/pubsub/stored-state.ts'
import { refusal, TestPubSub, textsOf, type TestSubscription } from './test-pubsub.ts'

const MEBIBYTE = 1024 * 1024

let folder: string
let journal: string
let test: TestPubSub

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'))
  journal = join(folder, 'pubsub', 'journal')
  test = await TestPubSub.start({ journal })
})

afterEach(async () => {
  await test.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Stops the server and starts the next one; answers the same subscription there. */
async function restart(subscription: TestSubscription): Promise<TestSubscription> {
  await test.stop()
  test = await TestPubSub.start({ journal })
  return test.find(subscription)
}

const keptTexts = async (path: string, { name }: TestSubscription) => {
  const { subscriptions } = await StoredState.read(path)
  return [...(subscriptions.get(name)?.messages.values() ?? [])].map(({ data }) => data.toString())
}

describe('a server with a journal', () => {
  it('has after a restart what waited, was leased and was refused, and not what was acknowledged', async () => {
    const before = await test.createSubscription()
    await before.publish('acknowledged', 'leased', 'refused', 'waiting')
    const [acknowledged, , refused] = await before.pull(3)
    await before.ack(acknowledged)
    await before.nack(refused)
    const after = await restart(before)
    expect(textsOf(await after.pullNow())).toEqual(['leased', 'refused', 'waiting'])
    expect(textsOf(await (await restart(after)).pullNow())).toEqual(['leased', 'refused', 'waiting'])
  })

  it('keeps a message as it was', async () => {
    const before = await test.createSubscription()
    const data = Buffer.from([0, 10, 255, 34])
    await before.publish({ data, attributes: { key: 'line\nbreak ü' }, orderingKey: 'red' })
    const [received] = await before.pullNow()
    const after = await restart(before)
    const [again] = await after.pullNow()
    expect(again?.message).toEqual(received?.message)
    // Ids go on increasing.
    const [next] = await after.publish('next')
    expect(Number(next)).toBeGreaterThan(Number(again?.message?.messageId))
  })

  it('keeps topics and subscriptions with their settings, and which of them are gone', async () => {
    const before = await test.createSubscription({ ackDeadlineSeconds: 42, labels: { team: 'logos' } })
    const gone = await test.createSubscription({ topic: before.topic })
    const orphan = await test.createSubscription()
    await orphan.publish('kept')
    await test.subscriber.updateSubscription({
      subscription: { name: before.name, ackDeadlineSeconds: 43 },
      updateMask: { paths: ['ack_deadline_seconds'] },
    })
    await test.subscriber.deleteSubscription({ subscription: gone.name })
    await test.publisher.deleteTopic({ topic: orphan.topic })
    const [settings] = await test.subscriber.getSubscription({ subscription: before.name })
    const after = await restart(before)
    expect((await test.subscriber.getSubscription({ subscription: after.name }))[0]).toEqual(settings)
    expect(settings.ackDeadlineSeconds).toBe(43)
    expect(await refusal(test.subscriber.getSubscription({ subscription: gone.name }))).toMatchObject({
      code: status.NOT_FOUND,
    })
    expect(await refusal(test.publisher.getTopic({ topic: orphan.topic }))).toMatchObject({
      code: status.NOT_FOUND,
    })
    expect(textsOf(await test.find(orphan).pullNow())).toEqual(['kept'])
    expect(await refusal(test.publisher.createTopic({ name: before.topic }))).toMatchObject({
      code: status.ALREADY_EXISTS,
    })
    await after.publish('new')
    expect(textsOf(await after.pullNow())).toEqual(['new'])
  })

  it('brings back with a message of an ordering key those that were acknowledged before it', async () => {
    const before = await test.createSubscription({ enableMessageOrdering: true })
    await before.publishKeyed('red', 'first', 'second', 'third')
    const [first, second, third] = await before.pull(3)
    await before.ack(first, third)
    expect(second).toBeDefined()
    const after = await restart(before)
    expect(textsOf(await after.pullNow())).toEqual(['second', 'third'])
  })

  it('keeps a dead letter on its new topic alone', async () => {
    const letters = await test.createSubscription()
    const deadLetterPolicy = { deadLetterTopic: letters.topic, maxDeliveryAttempts: 5 }
    const before = await test.createSubscription({ deadLetterPolicy })
    await before.publish('bad')
    for (let attempt = 0; attempt < 5; attempt++) await before.nack(...(await before.pull(1)))
    const after = await restart(before)
    expect(textsOf(await after.pullNow())).toEqual([])
    expect(textsOf(await test.find(letters).pullNow())).toEqual(['bad'])
  })

  it('writes the journal anew at its start, without what is settled', async () => {
    const before = await test.createSubscription()
    for (let round = 0; round < 20; round++) {
      await before.publish('x'.repeat(10_000))
      await before.ack(...(await before.pull(1)))
    }
    const { size } = await stat(journal)
    await before.publish('waiting')
    const after = await restart(before)
    expect((await stat(journal)).size).toBeLessThan(size / 10)
    expect(textsOf(await after.pullNow())).toEqual(['waiting'])
  })

  it('writes a journal that has grown anew while it runs', async () => {
    const before = await test.createSubscription()
    await before.publish('waiting')
    const held = await before.pull(1)
    for (let round = 0; round < 9; round++) {
      await before.publish('x'.repeat(4 * MEBIBYTE))
      await before.ack(...(await before.pull(1)))
    }
    // More than 48 went through it.
    expect((await stat(journal)).size).toBeLessThan(24 * MEBIBYTE)
    await before.publish('after')
    expect(held).toHaveLength(1)
    const after = await restart(before)
    expect(textsOf(await after.pullNow())).toEqual(['waiting', 'after'])
  })
})

describe('a journal that a kill has cut off', () => {
  it('holds everything up to its last whole line, wherever it is cut', async () => {
    const subscription = await test.createSubscription()
    const texts = ['one', 'two', 'three']
    for (const text of texts) await subscription.publish(text)
    const bytes = await readFile(journal)
    const cut = join(folder, 'cut')
    let kept = 0
    for (let length = bytes.length % 7; length <= bytes.length; length += 7) {
      await writeFile(cut, bytes.subarray(0, length))
      const found = await keptTexts(cut, subscription)
      expect(found).toEqual(texts.slice(0, found.length))
      expect(found.length).toBeGreaterThanOrEqual(kept)
      kept = found.length
    }
    expect(kept).toBe(3)
  })

  it('is gone on with', async () => {
    const before = await test.createSubscription()
    await before.publish('whole')
    await before.publish('cut')
    await test.stop()
    await truncate(journal, (await stat(journal)).size - 5)
    test = await TestPubSub.start({ journal })
    const after = test.find(before)
    await after.publish('new')
    expect(textsOf(await (await restart(after)).pullNow())).toEqual(['whole', 'new'])
  })

  it('is told apart from one that is damaged, which is named', async () => {
    await test.createSubscription()
    await test.stop()
    await writeFile(journal, '{ damaged\n{}\n')
    await expect(startPubSubServer({ journal })).rejects.toThrow(`line 1 of ${journal} is damaged`)
    await rm(journal)
    test = await TestPubSub.start({ journal })
  })
})

describe('a server in a process of its own', () => {
  /** Runs the script, which has a `test` on the journal, with a limit to the size of its files where one is given. */
  function run(script: string, maxFileBlocks = 'unlimited') {
    const moduleUrl = new URL('./test-pubsub.ts', import.meta.url).href
    const source = `
      const { TestPubSub, refusal } = await import('${moduleUrl}')
      const test = await TestPubSub.start({ journal: process.argv[1] })
      const subscription = await test.createSubscription()
      ${script}
    `
    const args = ['--import', 'tsx', '--input-type=module', '--eval', source, join(folder, 'other')]
    const command = ['-c', 'ulimit -f "$0"; exec "$@"', maxFileBlocks, process.execPath, ...args]
    const child = spawn('/bin/sh', command, { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.setEncoding('utf8')
    return child
  }

  it.skipIf(process.platform === 'win32')(
    'has written every message that it confirmed when it is killed',
    async () => {
      const child = run(`
      for (let number = 0; ; number++) {
        await subscription.publish(String(number))
        console.log(number)
      }
    `)
      let output = ''
      child.stdout.on('data', (text: string) => {
        output += text
        if (output.includes('200\n')) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const confirmed = output.split('\n').slice(0, -1)
      const { subscriptions } = await StoredState.read(join(folder, 'other'))
      const [stored] = subscriptions.values()
      const kept = Array.from(stored!.messages.values(), ({ data }) => data.toString())
      expect(kept.slice(0, confirmed.length)).toEqual(confirmed)
      expect(kept.length).toBeLessThanOrEqual(confirmed.length + 1)
    },
  )

  it.skipIf(process.platform === 'win32')(
    'refuses a message that it cannot write, and says that it has failed',
    async () => {
      const child = run(
        `
      await subscription.publish('first')
      const { code } = await refusal(test.publisher.publish(
        { topic: subscription.topic, messages: [{ data: Buffer.alloc(1_000_000) }] },
        { retry: null },
      ))
      const { code: reason } = await test.server.failed
      console.log(JSON.stringify({ code, reason }))
      await test.stop()
    `,
        '100',
      )
      let output = ''
      child.stdout.on('data', (text: string) => (output += text))
      const [exitCode] = (await once(child, 'close')) as [number]
      expect(exitCode).toBe(0)
      expect(JSON.parse(output)).toEqual({ code: status.UNAVAILABLE, reason: 'EFBIG' })
      expect((await StoredState.read(join(folder, 'other'))).subscriptions.size).toBe(1)
    },
  )
})
