import { getEventListeners } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GoogleBucket } from '../../../src/main/storage/google-bucket.ts'
import { BUCKET, startCloudStorage, type TestServer } from './stores.ts'

const KEY = 'base.png'
const CONTENT = { bytes: new Uint8Array(1_000), contentType: 'image/png', cacheControl: 'private' }

describe('a read from a bucket of Cloud Storage', () => {
  let server: TestServer
  let bucket: GoogleBucket

  beforeAll(async () => {
    server = await startCloudStorage()
    bucket = new GoogleBucket(BUCKET, { emulatorUrl: server.url })
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
