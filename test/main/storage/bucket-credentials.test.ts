import { createHash, verify, type KeyObject } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { openStorage } from '../../../src/main/storage/opening.ts'
import { openCheckedStorage } from '../../../src/main/storage/storage-check.ts'
import type { EncodedImage } from '../../../src/threads/protocol.ts'
import { writeServiceAccountKey } from './service-account-key.ts'
import { S3_CREDENTIALS, startCloudStorage, startS3, type TestServer } from './stores.ts'

const { signal } = new AbortController()
const PATH = 'users/a%2Fb/tasks/t/base.png'
const LIFETIME = { SIGNED_URL_LIFETIME_MS: '3600000' }
const IMAGE: EncodedImage = {
  bytes: new TextEncoder().encode('picture'),
  contentType: 'image/png',
  width: 1,
  height: 1,
}

let home: string
let s3: TestServer
let cloudStorage: TestServer

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'))
  ;[s3, cloudStorage] = await Promise.all([startS3(), startCloudStorage()])
})

/** No credentials of this machine are found. */
beforeEach(() => {
  vi.stubEnv('HOME', home)
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  for (const name of ['GOOGLE_APPLICATION_CREDENTIALS', 'AWS_PROFILE', ...Object.keys(S3_CREDENTIALS)]) {
    vi.stubEnv(name, undefined)
  }
})

afterEach(() => vi.unstubAllEnvs())

afterAll(async () => {
  await Promise.all([s3.stop(), cloudStorage.stop()])
  await rm(home, { recursive: true, force: true })
})

async function putSigned(env: Readonly<Record<string, string>>) {
  const store = await openStorage(loadConfig({ ...env, ...LIFETIME }).storage)
  try {
    const { path, url } = await store.put(PATH, IMAGE, signal)
    return { url: new URL(url), foundAgain: store.pathOf(url) === path }
  } finally {
    await store.close()
  }
}

describe('a signed URL', () => {
  it('of S3 leads to the image for the time that is set', async () => {
    for (const [name, value] of Object.entries(S3_CREDENTIALS)) vi.stubEnv(name, value)
    const { url, foundAgain } = await putSigned(s3.env)
    expect(await (await fetch(url)).text()).toBe('picture')
    expect(url.searchParams.get('X-Amz-Expires')).toBe('3600')
    expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/)
    expect(foundAgain).toBe(true)
  })

  it("of Cloud Storage is signed with the service account's key", async () => {
    const key = join(home, 'key.json')
    const publicKey = await writeServiceAccountKey(key)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', key)
    const { url, foundAgain } = await putSigned(cloudStorage.env)
    expect(isSignedBy(publicKey, url)).toBe(true)
    expect(url.searchParams.get('X-Goog-Expires')).toBe('3600')
    expect(await (await fetch(url)).text()).toBe('picture')
    expect(foundAgain).toBe(true)
  })
})

/** As Google writes down the check of a V4 signature for a GET that signs the host alone. */
function isSignedBy(key: KeyObject, url: URL): boolean {
  const query = url.search.slice(1).split('&')
  const canonical = [
    'GET',
    url.pathname,
    query
      .filter((part) => !part.startsWith('X-Goog-Signature='))
      .toSorted()
      .join('&'),
    `host:${url.hostname}`,
    '',
    'host',
    'UNSIGNED-PAYLOAD',
  ].join('\n')
  const scope = url.searchParams.get('X-Goog-Credential')?.split('/').slice(1).join('/')
  const text = [
    'GOOG4-RSA-SHA256',
    url.searchParams.get('X-Goog-Date'),
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n')
  const signature = Buffer.from(url.searchParams.get('X-Goog-Signature') ?? '', 'hex')
  return verify('RSA-SHA256', Buffer.from(text), key, signature)
}

describe('a start without credentials', () => {
  const start = (env: Record<string, string>) => openCheckedStorage(loadConfig(env))

  it.each([
    ['s3://pictures', { S3_ENDPOINT_URL: 'http://127.0.0.1:1' }],
    // Nobody is asked before there is a token.
    ['gs://pictures', {}],
  ])('says so for %s', async (url, env) => {
    await expect(start({ STORAGE_URL: url, ...env })).rejects.toMatchObject({
      kind: 'wrong',
      message: expect.stringMatching(/^STORAGE_URL=\S+: .*\(.*no credentials for it\); expected /),
    })
  })

  it('says so where the file that is named does not exist', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(home, 'none.json'))
    await expect(start({ STORAGE_URL: 'gs://pictures' })).rejects.toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining('no credentials'),
    })
  })

  it('says so where URLs are to be signed', async () => {
    await expect(start({ ...cloudStorage.env, ...LIFETIME })).rejects.toThrow('no credentials')
    expect(await cloudStorage.names()).not.toEqual(expect.arrayContaining([expect.stringContaining('trial')]))
  })

  it('names AWS_REGION where Amazon’s own bucket has no region', async () => {
    await expect(start({ STORAGE_URL: 's3://pictures' })).rejects.toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining('AWS_REGION is unset'),
    })
  })

  it('with a key that S3 does not know is refused', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary')
    const refused = start(s3.env)
    await expect(refused).rejects.toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining('refused the credentials (HTTP 403)'),
    })
    await expect(refused).rejects.not.toThrow('nobody')
  })
})
