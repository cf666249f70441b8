import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pool } from 'pg'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { isPostgresReady } from '../../../src/main/database/readiness.ts'
import { DatabaseOutage } from '../../../src/main/intake/database-outage.ts'
import { MessageHandler } from '../../../src/main/intake/message-handler.ts'
import { Quarantine } from '../../../src/main/intake/quarantine.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { ensurePubSubResources } from '../../../src/main/intake/pubsub-resources.ts'
import { Subscriber } from '../../../src/main/intake/subscriber.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { startStallingProxy, type StallingProxy } from '../../setup/stalling-proxy.ts'
import { createTestDatabase } from '../../setup/test-database.ts'
import { Brokers, OPTIONS, publish, TOPIC, WAIT } from './tested-subscriber.ts'

const brokers = new Brokers()
let proxy: StallingProxy
let pool: Pool

beforeAll(async () => {
  proxy = await startStallingProxy((await createTestDatabase()).url)
  pool = createDatabasePool(proxy.url, () => undefined)
})

afterAll(async () => {
  await brokers.stop()
  await pool.end()
  await proxy.stop()
})

/** The intake of a worker; its messages, which nobody can read, go from the broker into Postgres. */
async function startIntake() {
  const server = await brokers.startServer()
  const pubsub = await brokers.connect(server.address)
  const deliveries: string[] = []
  const { log, lines } = recordedLog()
  const outage = new DatabaseOutage(
    () => isPostgresReady(pool),
    { began: () => subscriber.suspend('outage'), ended: () => subscriber.resume('outage') },
    20,
    log,
  )
  const run = () => Promise.reject(new Error('there is no task'))
  const handler = new MessageHandler(run, new Quarantine(pool), { park: run }, outage, log)
  const subscriber = new Subscriber(
    OPTIONS,
    {
      connect: () => createPubSub('test', server.address),
      prepare: (client) => ensurePubSubResources(client, TOPIC, OPTIONS.subscription),
      isWorkWaiting: () => Promise.resolve(false),
    },
    (message, stopping) => {
      deliveries.push(Buffer.from(message.data).toString())
      return handler.handle(message, stopping)
    },
    log,
  )
  const stop = () => {
    outage.stop()
    return subscriber.stop(600_000)
  }
  brokers.later(stop)
  subscriber.start()
  const kept = async () => {
    const { rows } = await pool.query<{ data: Buffer }>('SELECT data FROM quarantined_messages ORDER BY id')
    return rows.map(({ data }) => data.toString())
  }
  const logged = (text: string) => lines.some(({ message }) => message.startsWith(text))
  return { subscriber, deliveries, kept, logged, stop, pubsub, address: server.address }
}

describe('an intake whose Postgres is gone', () => {
  it('takes nothing in until it is back, delivers nothing in vain, and goes on by itself', async () => {
    const { subscriber, deliveries, kept, logged, pubsub } = await startIntake()
    await publish(pubsub, 'before')
    await expect.poll(kept, WAIT).toEqual(['before'])

    proxy.cut()
    await publish(pubsub, 'in hand')
    await expect.poll(() => logged('Postgres does not answer'), WAIT).toBe(true)
    expect(subscriber.isReceiving).toBe(false)
    await publish(pubsub, 'meanwhile')
    expect(deliveries).toEqual(['before', 'in hand'])

    proxy.resume()
    await expect.poll(() => subscriber.isReceiving, WAIT).toBe(true)
    await expect.poll(async () => (await kept()).toSorted(), WAIT).toEqual(['before', 'in hand', 'meanwhile'])
    expect(deliveries).toEqual(['before', 'in hand', 'meanwhile'])
    expect(logged('Postgres answers again')).toBe(true)
  })

  it('gives back what it has in hand when it is told to stop', async () => {
    const { logged, stop, pubsub, address } = await startIntake()
    proxy.cut()
    await publish(pubsub, 'a message')
    await expect.poll(() => logged('Postgres does not answer'), WAIT).toBe(true)
    await stop()
    const other = brokers.subscribe(address)
    await expect.poll(() => other.received, WAIT).toEqual(['a message'])
    proxy.resume()
  })
})
