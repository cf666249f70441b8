import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import type { ImageStorage } from '../../../src/main/storage/image-storage.ts'
import { openStorage } from '../../../src/main/storage/opening.ts'
import { OriginalImageSource } from '../../../src/main/storage/original-images.ts'
import type { EncodedImage } from '../../../src/threads/protocol.ts'
import { S3_CREDENTIALS, startCloudStorage, startFolder, startS3, type TestStore } from './stores.ts'

const { signal } = new AbortController()
const FOLDER = 'users/a%2Fb/tasks/t/'

const image = (text: string, contentType: EncodedImage['contentType'] = 'image/png'): EncodedImage => ({
  bytes: new TextEncoder().encode(text),
  contentType,
  width: 1,
  height: 1,
})
/** What somebody gets who follows the URL. */
async function follow(url: string): Promise<object> {
  if (url.startsWith('file:')) return { text: await readFile(fileURLToPath(url), 'utf8') }
  const answer = await fetch(url)
  return {
    text: await answer.text(),
    contentType: answer.headers.get('content-type'),
    cacheControl: answer.headers.get('cache-control'),
  }
}

const textOf = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes)

beforeAll(() => {
  Object.assign(process.env, S3_CREDENTIALS)
})

describe.each<[string, () => Promise<TestStore>]>([
  ['a folder', startFolder],
  ['S3', startS3],
  ['Cloud Storage', startCloudStorage],
])('images in %s', (kind, start) => {
  let server: TestStore
  let store: ImageStorage

  const open = (env: Record<string, string> = {}) =>
    openStorage(loadConfig({ ...server.env, ...env }).storage)

  beforeAll(async () => {
    server = await start()
    store = await open()
  })

  afterAll(async () => {
    await store.close()
    await server.stop()
  })

  it('are read back as they were stored, also when they hold every byte', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 256)
    const { path } = await store.put(`${FOLDER}base.png`, { ...image(''), bytes }, signal)
    expect(path).toBe(`${FOLDER}base.png`)
    expect(Buffer.compare((await store.get(path, bytes.byteLength, signal)) ?? Buffer.of(), bytes)).toBe(0)
  })

  it('have a URL that leads to them, and back to their path', async () => {
    const { path, url } = await store.put(
      `${FOLDER}variation-00.webp`,
      image('picture', 'image/webp'),
      signal,
    )
    expect(store.pathOf(url)).toBe(path)
    expect(store.pathOf(`${url}?X-Amz-Signature=0`)).toBe(path)
    expect(await follow(url)).toEqual({
      text: 'picture',
      ...(kind === 'a folder'
        ? {}
        : { contentType: 'image/webp', cacheControl: 'public, max-age=31536000, immutable' }),
    })
  })

  it('have URLs of a CDN where there is one, and are still known by their own', async () => {
    const plain = await store.put(`${FOLDER}base.png`, image('x'), signal)
    const behindCdn = await open({ PUBLIC_BASE_URL: 'https://cdn.example.com/pictures/' })
    const { path, url } = await behindCdn.put(`${FOLDER}base.png`, image('x'), signal)
    expect(url).toBe('https://cdn.example.com/pictures/users/a%252Fb/tasks/t/base.png')
    expect(behindCdn.pathOf(url)).toBe(path)
    expect(behindCdn.pathOf(plain.url)).toBe(path)
    await behindCdn.close()
  })

  it.each([
    'https://example.com/some/prefix/users/x/base.png',
    'gs://another/some/prefix/users/x/base.png',
    's3://pictures-2/some/prefix/users/x/base.png',
    'file:///etc/passwd',
    'not a url',
  ])('are not what %s leads to', (url) => {
    expect(store.pathOf(url)).toBeNull()
  })

  it('are not found above their folder or prefix, however a URL is written', async () => {
    const { url } = await store.put(`${FOLDER}base.png`, image('x'), signal)
    const at = (end: string) => store.pathOf(url.replace(/users\/.*$/, end))
    expect(at('../base.png')).toBeNull()
    expect(at('users/%2e%2e/%2E%2E/base.png')).toBeNull()
    expect(at('users/a%2F..%2F..%2Fbase.png')).toBeNull()
    expect(at('users//base.png')).toBeNull()
    expect(at('users/%00')).toBeNull()
    expect(at('users/%ff')).toBeNull()
    expect(at('users/me/../you/base.png')).toBe('users/you/base.png')
  })

  it('are replaced as a whole by another attempt', async () => {
    await store.put(`${FOLDER}base.png`, image('the first and longer one'), signal)
    await store.put(`${FOLDER}base.png`, image('the second'), signal)
    expect(textOf(await store.get(`${FOLDER}base.png`, 100, signal))).toBe('the second')
  })

  it('that are not there are null, and one that is too large is refused', async () => {
    expect(await store.get('users/nobody/base.png', 100, signal)).toBeNull()
    const { path } = await store.put(`${FOLDER}base.png`, image('0123456789'), signal)
    expect(textOf(await store.get(path, 10, signal))).toBe('0123456789')
    await expect(store.get(path, 9, signal)).rejects.toMatchObject({
      category: 'invalid_image',
      message: 'expected a stored image of at most 9 bytes',
    })
  })

  it('of a task are removed but for those that are kept; others stay', async () => {
    const folder = 'users/u/tasks/kept/'
    const names = ['base.png', 'base.webp', 'variation-00.png', 'variation-01.png', 'variation-02.png']
    await Promise.all(names.map((name) => store.put(folder + name, image(name), signal)))
    await store.put('users/u/tasks/kept-too/base.png', image('another'), signal)
    await store.keepOnly(folder, [`${folder}base.png`])
    const left = await Promise.all(names.map((name) => store.get(folder + name, 100, signal)))
    expect(left.map(textOf)).toEqual(['base.png', null, null, null, null])
    await store.keepOnly(folder, [])
    expect(await store.get(`${folder}base.png`, 100, signal)).toBeNull()
    await store.keepOnly(folder, [])
    expect(textOf(await store.get('users/u/tasks/kept-too/base.png', 100, signal))).toBe('another')
  })

  it('are not stored once the worker stops', async () => {
    const stop = new AbortController()
    stop.abort(new Error('the worker stops'))
    const path = 'users/u/tasks/stopped/base.png'
    await expect(store.put(path, image('x'), stop.signal)).rejects.toThrow('the worker stops')
    await expect(store.get(path, 100, stop.signal)).rejects.toThrow('the worker stops')
    expect(await store.get(path, 100, signal)).toBeNull()
  })

  it('can be tried out, and nothing is left of that', async () => {
    await store.put(`${FOLDER}base.png`, image('x'), signal)
    await store.tryOut()
    const names = await server.names()
    expect(names.filter((name) => name.includes('base.png'))).not.toEqual([])
    expect(names.filter((name) => name.includes('trial'))).toEqual([])
  })

  it('are the original of a refinement for their owner, and for nobody else', async () => {
    const noDownload = { fetch: () => Promise.reject(new Error('must not be called')) }
    const originals = new OriginalImageSource(store, noDownload, 1_000)
    const { path, url } = await store.put('users/me/tasks/t/base.png', image('mine'), signal)
    const original = await originals.fetch(url, 'me', signal)
    expect([textOf(original.bytes), original.path]).toEqual(['mine', path])
    for (const fetched of [
      originals.fetch(url, 'you', signal),
      originals.fetch(url.replace('base.png', 'none.png'), 'me', signal),
    ]) {
      await expect(fetched).rejects.toMatchObject({
        category: 'original_unavailable',
        message: 'original_image_url: there is no such image',
      })
    }
  })
})
