import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { UnusableSetting } from '../../../src/main/config/unusable-setting.ts'
import { startPubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { preparePubSub, publishProblem } from '../../../src/main/intake/pubsub-access.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'

const { pubsub: settings } = loadConfig({ PUBSUB_TOPIC: 'a-topic' })

let server: Awaited<ReturnType<typeof startPubSubServer>>
let pubsub: ReturnType<typeof createPubSub>

beforeAll(async () => {
  server = await startPubSubServer({})
  pubsub = createPubSub(settings.project, server.address)
})

afterAll(async () => {
  await pubsub.close()
  await server.stop()
})

const publish = () => pubsub.topic(settings.topic).publishMessage({ data: Buffer.from('x') })

describe('what Pub/Sub needs of the environment', () => {
  it('is a topic that exists: publishing to another names PUBSUB_TOPIC', async () => {
    const error = await publish().catch((reason: unknown) => publishProblem(reason, settings))
    expect(error).toBeInstanceOf(UnusableSetting)
    expect(error).toMatchObject({
      kind: 'wrong',
      message: expect.stringMatching(/^PUBSUB_TOPIC=a-topic: there is no such topic .*expected/),
    })
  })

  it('is made where it is missing, at an emulator or the embedded server, any number of times', async () => {
    await preparePubSub(pubsub, settings, server.address)
    await preparePubSub(pubsub, settings, server.address)
    await expect(publish()).resolves.toEqual(expect.any(String))
  })

  it('is not blamed for an error of another kind', () => {
    const other = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    expect(publishProblem(other, settings)).toBe(other)
  })
})
