import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LocalFiles } from '../../../src/main/storage/local-files.ts'
import { OriginalImageSource } from '../../../src/main/storage/original-images.ts'
import type { EncodedImage } from '../../../src/threads/protocol.ts'

const { signal } = new AbortController()
const image = (text: string): EncodedImage => ({
  bytes: new TextEncoder().encode(text),
  contentType: 'image/png',
  width: 1,
  height: 1,
})
const textOf = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? undefined)

let root: string
let store: LocalFiles

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'local files ü-'))
  store = new LocalFiles(pathToFileURL(root).href)
})

afterEach(() => rm(root, { recursive: true, force: true }))

describe('images in a local folder', () => {
  it('can be read back by the URL that storing them gave', async () => {
    const stored = await store.put('users/a%2Fb/tasks/t/base.png', image('one'), signal)
    expect(store.pathOf(stored.url)).toBe(stored.path)
    expect(textOf(await store.get(stored.path, 100, signal))).toBe('one')
  })

  it('are replaced as a whole, and leave nothing else behind', async () => {
    const { url } = await store.put('a/base.png', image('one'), signal)
    await store.put('a/base.png', image('two'), signal)
    expect(await readdir(join(root, 'a'))).toEqual(['base.png'])
    expect(fileURLToPath(url)).toBe(join(root, 'a/base.png'))
    expect(textOf(await store.get('a/base.png', 100, signal))).toBe('two')
  })

  it('that cannot be written are a failure of the storage, to be tried again', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(store.put('file/base.png', image('x'), signal)).rejects.toMatchObject({
      category: 'storage',
      retryable: true,
      message: expect.not.stringContaining(root),
    })
  })

  it('are not written once the worker stops', async () => {
    const stop = new AbortController()
    stop.abort(new Error('the worker stops'))
    await expect(store.put('a/base.png', image('x'), stop.signal)).rejects.toThrow('the worker stops')
    expect(existsSync(join(root, 'a'))).toBe(false)
  })
})

describe('the folder of a task', () => {
  it('keeps the images that are named, and loses the rest', async () => {
    const kept = await store.put('users/u/tasks/t/base.webp', image('new'), signal)
    await store.put('users/u/tasks/t/base.png', image('old'), signal)
    await writeFile(join(root, 'users/u/tasks/t/base.png.1234.tmp'), 'half an image')
    const others = await store.put('users/u/tasks/another/base.png', image('another'), signal)
    await store.keepOnly('users/u/tasks/t/', [kept.path])
    expect(await readdir(join(root, 'users/u/tasks/t'))).toEqual(['base.webp'])
    expect(textOf(await store.get(kept.path, 100, signal))).toBe('new')
    expect(textOf(await store.get(others.path, 100, signal))).toBe('another')
  })

  it('need not be there', async () => {
    await expect(store.keepOnly('users/u/tasks/none/', [])).resolves.toBeUndefined()
  })

  it('leaves alone what a link leads to outside of the store', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'))
    try {
      await writeFile(join(outside, 'precious'), '')
      await mkdir(join(root, 'users/u/tasks'), { recursive: true })
      await symlink(outside, join(root, 'users/u/tasks/t'))
      await store.keepOnly('users/u/tasks/t/', [])
      expect(await readdir(outside)).toEqual(['precious'])
    } finally {
      await rm(outside, { recursive: true })
    }
  })
})

describe('a trial of the store', () => {
  it('makes the folder, and leaves nothing in it', async () => {
    const folder = join(root, 'to', 'be', 'made')
    await new LocalFiles(pathToFileURL(folder).href).tryOut()
    expect(await readdir(folder)).toEqual([])
  })

  it('takes away what a trial left that was cut short, also where several go on at once', async () => {
    const folder = join(root, 'cut-short')
    await mkdir(folder)
    await writeFile(join(folder, 'trial.tmp'), '')
    const url = pathToFileURL(folder).href
    await Promise.all(Array.from({ length: 8 }, () => new LocalFiles(url).tryOut()))
    expect(await readdir(folder)).toEqual([])
  })

  it('fails where a file is in the way', async () => {
    await writeFile(join(root, 'file'), '')
    const url = pathToFileURL(join(root, 'file')).href
    await expect(new LocalFiles(url).tryOut()).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(new LocalFiles(`${url}/images`).tryOut()).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})

describe('hostile URL: the image that a refinement starts from', () => {
  const noDownload = { fetch: () => Promise.reject(new Error('must not be called')) }
  const source = () => new OriginalImageSource(store, noDownload, 1_000)

  it('is read from the store for its owner', async () => {
    const { url, path } = await store.put('users/me/tasks/t/base.png', image('mine'), signal)
    const original = await source().fetch(url, 'me', signal)
    expect(original.path).toBe(path)
    expect(textOf(original.bytes)).toBe('mine')
  })

  it('is not given to anybody else, and the answer is the same as for an image that does not exist', async () => {
    const { url } = await store.put('users/me/tasks/t/base.png', image('mine'), signal)
    const messages = await Promise.all(
      [source().fetch(url, 'you', signal), source().fetch(url.replace('base', 'none'), 'me', signal)].map(
        (answer) => answer.catch((error: Error) => error.message),
      ),
    )
    expect(messages[0]).toBe('original_image_url: there is no such image')
    expect(messages[1]).toBe(messages[0])
  })

  it('is not read through a link that leads out of the store', async () => {
    await store.put('users/me/tasks/t/base.png', image('mine'), signal)
    await symlink('/etc/passwd', join(root, 'users/me/tasks/t/link.png'))
    const url = pathToFileURL(join(root, 'users/me/tasks/t/link.png')).href
    await expect(source().fetch(url, 'me', signal)).rejects.toMatchObject({
      category: 'original_unavailable',
    })
  })

  it.each([
    'file:///etc/passwd',
    'file:///etc%2Fpasswd',
    'file://host/share',
    'ftp://example.com/x.png',
    'data:image/png;base64,AAAA',
    'not a url',
    '/etc/passwd',
  ])('is refused for %s', async (url) => {
    await expect(source().fetch(url, 'me', signal)).rejects.toMatchObject({
      category: 'original_unavailable',
      retryable: false,
      message: expect.stringMatching(/^original_image_url: /),
    })
  })

  it('does not leave its folder through dots in the URL', async () => {
    await store.put('users/me/tasks/t/base.png', image('mine'), signal)
    await store.put('users/you/tasks/t/base.png', image('yours'), signal)
    const url = `${pathToFileURL(root).href}/users/me/../you/tasks/t/base.png`
    await expect(source().fetch(url, 'me', signal)).rejects.toMatchObject({
      category: 'original_unavailable',
    })
  })

  it('may not be larger than the limit', async () => {
    const { url } = await store.put('users/me/tasks/t/base.png', image('x'.repeat(2_000)), signal)
    await expect(source().fetch(url, 'me', signal)).rejects.toMatchObject({ category: 'invalid_image' })
  })
})
