import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
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

afterEach(async () => {
  await store.close()
  await rm(root, { recursive: true, force: true })
})

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

  it('that are stored at once are all there, whichever cannot be stored', async () => {
    await writeFile(join(root, 'file'), '')
    const paths = Array.from({ length: 40 }, (_, i) => `users/u/tasks/${i % 4}/${i}.png`)
    const puts = [...paths, 'file/base.png'].map((path) => store.put(path, image(path), signal))
    const outcomes = await Promise.allSettled(puts)
    expect(outcomes.map(({ status }) => status)).toEqual([...paths.map(() => 'fulfilled'), 'rejected'])
    for (const path of paths) expect(textOf(await store.get(path, 100, signal))).toBe(path)
    const names = await readdir(root, { recursive: true })
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('keep their bytes for who stored them, unless they were given away', async () => {
    const kept = image('kept')
    await store.put('a/kept.png', kept, signal)
    await store.put('a/kept-again.png', kept, signal)
    expect(textOf(await store.get('a/kept-again.png', 100, signal))).toBe('kept')
    const part = new TextEncoder().encode('a part of it').subarray(2, 6)
    await store.put('a/part.png', { ...kept, bytes: part, isGivenAway: true }, signal)
    expect(textOf(await store.get('a/part.png', 100, signal))).toBe('part')
    await store.put('a/given.png', { ...kept, isGivenAway: true }, signal)
    expect(textOf(await store.get('a/given.png', 100, signal))).toBe('kept')
  })

  it('are all written, however many at once', async () => {
    const paths = Array.from({ length: 600 }, (_, i) => `users/u/tasks/${i % 3}/${i}.png`)
    await Promise.all(paths.map((path) => store.put(path, image(path), signal)))
    expect(textOf(await store.get(paths.at(-1)!, 100, signal))).toBe(paths.at(-1))
  })

  it('are never empty, as memory is that was given away already', async () => {
    const given = image('given')
    await store.put('a/given.png', { ...given, isGivenAway: true }, signal)
    const again = store.put('a/given.png', given, signal)
    await expect(again).rejects.toMatchObject({ category: 'storage' })
    expect(textOf(await store.get('a/given.png', 100, signal))).toBe('given')
  })

  it('are none where a folder is', async () => {
    await mkdir(join(root, 'a/folder.png'), { recursive: true })
    expect(await store.get('a/folder.png', 100, signal)).toBeNull()
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

  it('goes with its last image, and is made again for the next', async () => {
    await store.put('users/u/tasks/t/base.png', image('one'), signal)
    await store.put('users/u/tasks/another/base.png', image('another'), signal)
    await store.keepOnly('users/u/tasks/t/', [])
    expect(await readdir(join(root, 'users/u/tasks'))).toEqual(['another'])
    await store.put('users/u/tasks/t/base.png', image('two'), signal)
    expect(textOf(await store.get('users/u/tasks/t/base.png', 100, signal))).toBe('two')
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

/** As at the start of a worker of its own. */
async function tryOut(folder: string): Promise<void> {
  const store = new LocalFiles(pathToFileURL(folder).href)
  try {
    await store.tryOut()
  } finally {
    await store.close()
  }
}

describe('a file system that hangs', () => {
  it('keeps no caller waiting longer than the time-out, and is used again when it answers', async () => {
    const hasty = new LocalFiles(pathToFileURL(root).href, { timeoutMs: 2_000 })
    onTestFinished(() => hasty.close())
    const isStored = (text: string) =>
      hasty.put('a/base.png', image(text), signal).then(
        () => true,
        () => false,
      )
    // On a busy machine the thread may take longer to start than a caller waits.
    await expect.poll(() => isStored('one'), { timeout: 60_000 }).toBe(true)
    // Whoever opens a pipe to read it waits for somebody who opens it to write.
    const pipe = join(root, 'a/pipe.png')
    await promisify(execFile)('mkfifo', [pipe])
    const late = { category: 'timeout', message: 'the image storage did not answer within 2000 ms' }
    const read = hasty.get('a/pipe.png', 100, signal)
    await expect(read).rejects.toMatchObject(late)
    await expect(hasty.put('a/base.png', image('two'), signal)).rejects.toMatchObject(late)

    await writeFile(pipe, 'three')
    await expect.poll(() => isStored('four'), { timeout: 60_000 }).toBe(true)
    expect(textOf(await hasty.get('a/base.png', 100, signal))).toBe('four')
  })
})

describe('a process that has no file handle left for the thread', () => {
  it('does not store the image, does not die of it, and stores the next when it has', async () => {
    const script = fileURLToPath(new URL('process-without-handles.ts', import.meta.url))
    const command = 'ulimit -n 128 && exec "$0" --import tsx "$@"'
    const args = ['-c', command, process.execPath, script, pathToFileURL(root).href]
    const { stdout } = await promisify(execFile)('sh', args)
    expect(JSON.parse(stdout)).toEqual([
      { category: 'storage', retryable: true, cause: expect.stringContaining('EMFILE') },
      'stored',
    ])
  })
})

describe('a trial of the store', () => {
  it('makes the folder, and leaves nothing in it', async () => {
    const folder = join(root, 'to', 'be', 'made')
    await tryOut(folder)
    expect(await readdir(folder)).toEqual([])
  })

  it('takes away what a trial left that was cut short, also where several go on at once', async () => {
    const folder = join(root, 'cut-short')
    await mkdir(folder)
    await writeFile(join(folder, 'trial.tmp'), '')
    await Promise.all(Array.from({ length: 8 }, () => tryOut(folder)))
    expect(await readdir(folder)).toEqual([])
  })

  it('fails where a file is in the way', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(tryOut(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(tryOut(join(root, 'file', 'images'))).rejects.toMatchObject({ code: 'ENOTDIR' })
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
