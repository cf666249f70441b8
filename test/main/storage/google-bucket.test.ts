import { getEventListeners, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { GoogleBucket } from '../../../src/main/storage/google-bucket.ts'
import { writeServiceAccountKey } from './service-account-key.ts'
import { BUCKET, startCloudStorage, type TestServer } from './stores.ts'

const KEY = 'base.png'
const CONTENT = { bytes: new Uint8Array(1_000), contentType: 'image/png', cacheControl: 'private' }

describe('a read from a bucket of Cloud Storage', () => {
  let server: TestServer
  let bucket: GoogleBucket

  beforeAll(async () => {
    server = await startCloudStorage()
    bucket = new GoogleBucket(BUCKET, { emulatorUrl: server.url, timeoutMs: 5_000 })
    await bucket.write(KEY, CONTENT, new AbortController().signal)
  })

  afterAll(async () => {
    bucket.close()
    await server.stop()
  })

  it('leaves nothing on a signal that outlives it, whether or not there is an object', async () => {
    const { signal } = new AbortController()
    expect(await bucket.read(KEY, 1_000, signal)).toHaveLength(1_000)
    expect(await bucket.read(KEY, 999, signal)).toBe('too large')
    expect(await bucket.read('another.png', 1_000, signal)).toBeNull()
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('asks the service for nothing once its signal is aborted', async () => {
    const before = server.requests
    await expect(bucket.read(KEY, 1_000, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
    expect(server.requests).toBe(before)
  })
})

describe('a token for a bucket of Cloud Storage', () => {
  it('that does not come is given up, so that the next call asks anew', async () => {
    const home = await mkdtemp(join(tmpdir(), 'home-'))
    const key = join(home, 'key.json')
    await writeServiceAccountKey(key)
    // Google's service for tokens is asked through a proxy here, which promises to connect and says nothing more.
    const sockets: Socket[] = []
    const proxy = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined))
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', key)
    vi.stubEnv('NO_PROXY', undefined)
    vi.stubEnv('no_proxy', undefined)
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    const bucket = new GoogleBucket(BUCKET, { emulatorUrl: null, timeoutMs: 50 })
    onTestFinished(async () => {
      bucket.close()
      vi.unstubAllEnvs()
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
      await rm(home, { recursive: true })
    })
    const error: unknown = await bucket
      .read(KEY, 1_000, new AbortController().signal)
      .catch((error: unknown) => error)
    expect(bucket.troubleOf(error)).toMatchObject({ code: 'ETIMEDOUT' })
    const asked = sockets.length
    await expect(bucket.read(KEY, 1_000, new AbortController().signal)).rejects.toThrow('no credentials')
    expect(sockets.length).toBeGreaterThan(asked)
  })
})
