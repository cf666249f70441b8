import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import S3rver from 's3rver'
import { startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { CloudStorageServer } from './cloud-storage-server.ts'

/** The one bucket of each server. */
export const BUCKET = 'pictures'

/** What `s3rver` knows; the SDK finds it where it finds everybody's. */
export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' }

/** A store that a test can use by its environment. */
export type TestStore = {
  readonly env: Readonly<Record<string, string>>
  /** What there is in it, by names that hold those of the objects. */
  names(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** One behind HTTP, which a test can have misbehave. */
export type TestServer = TestStore & {
  readonly url: string
  /** How many requests have come. */
  readonly requests: number
  /** Answers in the place of the store until it is set back to null. */
  misbehave(listener: RequestListener | null): void
}

export async function startFolder(): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'store ü-'))
  return {
    env: { STORAGE_URL: pathToFileURL(folder).href },
    names: () => readdir(folder, { recursive: true }),
    stop: () => rm(folder, { recursive: true, force: true }),
  }
}

export async function startS3(): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 's3-'))
  const s3 = new S3rver({ directory, silent: true, configureBuckets: [{ name: BUCKET, configs: [] }] })
  await s3.configureBuckets()
  return startServer({
    listener: s3.callback(),
    env: (url) => ({ STORAGE_URL: `s3://${BUCKET}/some/prefix`, S3_ENDPOINT_URL: url }),
    names: () => readdir(directory, { recursive: true }),
    cleanUp: () => rm(directory, { recursive: true, force: true }),
  })
}

export function startCloudStorage(): Promise<TestServer> {
  const server = new CloudStorageServer(BUCKET)
  return startServer({
    listener: server.listener,
    env: (url) => ({ STORAGE_URL: `gs://${BUCKET}/some/prefix`, STORAGE_EMULATOR_HOST: url }),
    names: async () => server.names,
    cleanUp: async () => undefined,
  })
}

type ServedStore = {
  readonly listener: RequestListener
  readonly env: (url: string) => Record<string, string>
  readonly names: () => Promise<readonly string[]>
  readonly cleanUp: () => Promise<void>
}

async function startServer({ listener, env, names, cleanUp }: ServedStore): Promise<TestServer> {
  let requests = 0
  let misbehaviour: RequestListener | null = null
  const { url, server } = await startHttpServer((request, response) => {
    requests += 1
    ;(misbehaviour ?? listener)(request, response)
  })
  return {
    url,
    env: env(url),
    names,
    get requests() {
      return requests
    },
    misbehave(listener) {
      misbehaviour = listener
    },
    async stop() {
      await stopHttpServer(server)
      await cleanUp()
    },
  }
}
