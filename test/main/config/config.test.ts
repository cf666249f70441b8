import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { listConfig } from '../../../src/main/config/listing.ts'
import { problemsOf } from './problems.ts'

describe('the configuration', () => {
  it('stands on defaults alone, with embedded services', () => {
    const config = loadConfig({})
    expect(config.database.url).toBeNull()
    expect(config.pubsub.embedded).toBe(true)
    expect(config.models.embedded).toBe(true)
    expect(config.storage.url).toBe(pathToFileURL(resolve('.concept-worker/images')).href)
    expect(config.images).toEqual({
      format: 'png',
      pngCompressionLevel: 4,
      webpQuality: 90,
      webpEffort: 0,
      recolourStrength: 1,
    })
    expect(config.pool.minThreads).toBe(config.pool.maxThreads)
    expect(config.tasks.maxInFlight).toBeNull()
    expect(config.http).toEqual({ host: '127.0.0.1', port: null })
  })

  it('takes every address from the environment', () => {
    const config = loadConfig({
      DATABASE_URL: 'postgresql://u:p@db/x',
      PUBSUB_EMULATOR_HOST: 'localhost:8085',
      MODEL_ENDPOINT_URL: 'http://127.0.0.1:9/models',
      STORAGE_URL: 'file:///srv/images',
      IMAGE_FORMAT: 'webp',
      WEBP_QUALITY: '75',
      RECOLOUR_STRENGTH: '.5',
      POOL_MIN_THREADS: '1',
      POOL_MAX_THREADS: '3',
      HTTP_PORT: '0',
      HTTP_HOST: '::',
    })
    expect(config).toMatchObject({
      database: { url: 'postgresql://u:p@db/x' },
      pubsub: { embedded: false, emulatorHost: 'localhost:8085' },
      models: { embedded: false, endpointUrl: 'http://127.0.0.1:9/models' },
      storage: { url: 'file:///srv/images', isGiven: true },
      images: { format: 'webp', webpQuality: 75, recolourStrength: 0.5 },
      pool: { minThreads: 1, maxThreads: 3 },
      http: { host: '::', port: 0 },
    })
  })

  it('names every service that would be stood in for where that is refused', () => {
    const complete = {
      STAND_INS: 'refused',
      DATABASE_URL: 'postgresql://u:p@db/x',
      PUBSUB_PROJECT: 'my-project',
      HF_TOKEN: 'hf_x',
      STORAGE_URL: 'gs://my-bucket/concepts',
    }
    expect(problemsOf(complete)).toEqual([])
    expect(problemsOf({ ...complete, HF_TOKEN: '' })).toEqual([
      expect.stringMatching(/^MODEL_ENDPOINT_URL is not set, and STAND_INS=refused: expected .*HF_TOKEN$/),
    ])
    expect(problemsOf({ STAND_INS: 'refused' }).map((problem) => problem.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'PUBSUB_PROJECT',
      'MODEL_ENDPOINT_URL',
      'STORAGE_URL',
    ])
  })

  it('uses Google Cloud when a project is named, and Hugging Face when there is a token', () => {
    const config = loadConfig({ PUBSUB_PROJECT: 'my-project', HF_TOKEN: 'hf_x' })
    expect(config.pubsub).toMatchObject({ embedded: false, emulatorHost: null, project: 'my-project' })
    expect(config.models).toMatchObject({ embedded: false, endpointUrl: null })
  })

  it('takes a bucket, with what its service needs', () => {
    const storage = (env: Record<string, string>) => loadConfig(env).storage
    expect(storage({ STORAGE_URL: 'gs://my_bucket/images/v1' })).toMatchObject({
      url: 'gs://my_bucket/images/v1',
      gcsEmulatorUrl: null,
    })
    expect(storage({ STORAGE_URL: 's3://bucket' })).toMatchObject({ s3Region: null, s3ForcePathStyle: false })
    const minio = { STORAGE_URL: 's3://bucket/', S3_ENDPOINT_URL: 'http://minio:9000' }
    expect(storage(minio)).toMatchObject({ s3Region: 'us-east-1', s3ForcePathStyle: true })
    expect(storage({ ...minio, AWS_REGION: 'auto', S3_FORCE_PATH_STYLE: 'false' })).toMatchObject({
      s3Region: 'auto',
      s3ForcePathStyle: false,
    })
  })

  it('does not sign URLs that are public anyway', () => {
    const signed = { STORAGE_URL: 'gs://bucket', SIGNED_URL_LIFETIME_MS: '60000' }
    expect(problemsOf(signed)).toEqual([])
    expect(problemsOf({ ...signed, PUBLIC_BASE_URL: 'https://cdn.example.com' })).toEqual([
      expect.stringMatching(/^SIGNED_URL_LIFETIME_MS=60000: expected it unset beside PUBLIC_BASE_URL/),
    ])
  })

  it('counts an empty variable as unset', () => {
    expect(loadConfig({ POOL_MAX_THREADS: '', DATABASE_URL: ' ' }).database.url).toBeNull()
  })

  it('cannot be changed once it is parsed', () => {
    const config = loadConfig({})
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.pool)).toBe(true)
  })

  it.each([
    ['DATABASE_URL', 'mysql://x'],
    ['PUBSUB_PROJECT', 'X'],
    ['PUBSUB_EMULATOR_HOST', 'localhost'],
    ['PUBSUB_EMULATOR_HOST', '127.0.0.1:99999'],
    ['PUBSUB_TOPIC', 'goog-topic'],
    ['PUBSUB_SUBSCRIPTION', 'a b'],
    ['HF_TOKEN', 'two words'],
    ['MODEL_ENDPOINT_URL', 'example.com/model'],
    ['MODEL_ENDPOINT_URL', 'https://user:password@example.com'],
    ['MODEL_ENDPOINT_URL', 'https:user:password@example.com'],
    ['MODEL_ENDPOINT_URL', 'https:\\\\user:password@example.com'],
    ['IMAGE_MODEL', 'https://example.com'],
    ['EDIT_MODEL', 'a/b/c'],
    ['PALETTE_MODEL', 'no spaces please'],
    ['MODEL_TIMEOUT_MS', '0'],
    ['STORAGE_URL', '/srv/images'],
    ['STORAGE_URL', 'file://host/images'],
    ['STORAGE_URL', 'file:images'],
    ['STORAGE_URL', 'file:///'],
    ['STORAGE_URL', 'file:///srv/a%2Fb'],
    ['STORAGE_URL', 'file:///srv/images?x'],
    ['STORAGE_URL', 'file:///srv/images#x'],
    ['STORAGE_URL', 'gs://'],
    ['STORAGE_URL', 'gs://Bucket'],
    ['STORAGE_URL', 's3://bucket/../other'],
    ['STORAGE_URL', 's3://key:secret@bucket/images'],
    ['STORAGE_URL', 's3://bucket/images?x'],
    ['STORAGE_URL', 'https://bucket.s3.amazonaws.com'],
    ['PUBLIC_BASE_URL', 'cdn.example.com'],
    ['PUBLIC_BASE_URL', 'https://cdn.example.com/?x'],
    ['SIGNED_URL_LIFETIME_MS', '604800001', 'gs://bucket'],
    ['SIGNED_URL_LIFETIME_MS', '60000'],
    ['STORAGE_TIMEOUT_MS', '0'],
    ['S3_ENDPOINT_URL', 'https://user:password@example.com'],
    ['AWS_REGION', 'Europe'],
    ['S3_FORCE_PATH_STYLE', 'yes'],
    ['STORAGE_EMULATOR_HOST', 'localhost:4443'],
    ['IMAGE_FORMAT', 'jpeg'],
    ['PNG_COMPRESSION_LEVEL', '10'],
    ['WEBP_QUALITY', '0'],
    ['WEBP_QUALITY', '101'],
    ['WEBP_EFFORT', '7'],
    ['RECOLOUR_STRENGTH', '1.1'],
    ['RECOLOUR_STRENGTH', '-0.5'],
    ['RECOLOUR_STRENGTH', 'half'],
    ['POOL_MIN_THREADS', '0'],
    ['POOL_MAX_THREADS', '2.5'],
    ['POOL_MAX_THREADS', '0x10'],
    ['IMAGE_MEMORY_MIB', '31'],
    ['IMAGE_JOB_TIMEOUT_MS', '999'],
    ['MAX_TASKS_IN_FLIGHT', '-1'],
    ['MAX_ATTEMPTS', '0'],
    ['LEASE_MS', '10'],
    ['DRAIN_TIMEOUT_MS', '1e3'],
    ['LOG_LEVEL', 'loud'],
    ['HTTP_PORT', '70000'],
    ['HTTP_HOST', '10.0.0.256'],
    ['HTTP_HOST', 'example.com'],
  ])('refuses %s=%s and says what it expects', (name, value, storage = '') => {
    const problems = problemsOf({ STORAGE_URL: storage, [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name}=.*: expected `))
  })

  it('reports all mistakes at once', () => {
    const problems = problemsOf({
      LOG_LEVEL: 'loud',
      HTTP_PORT: 'x',
      POOL_MIN_THREADS: '9',
      POOL_MAX_THREADS: '2',
    })
    expect(problems.map((problem) => problem.split('=')[0])).toEqual(
      expect.arrayContaining(['LOG_LEVEL', 'HTTP_PORT', 'POOL_MIN_THREADS']),
    )
    expect(problems).toHaveLength(3)
  })

  it('never shows a secret, neither in a mistake nor in the listing', () => {
    const problems = problemsOf({ HF_TOKEN: 'canary secret', DATABASE_URL: 'mysql://u:canary@h/x?p=canary' })
    expect(problems).toHaveLength(2)
    expect(problems.join()).not.toContain('canary')
    const env = {
      HF_TOKEN: 'canary',
      DATABASE_URL: 'postgresql://user:canary@h/x?password=canary',
      MODEL_ENDPOINT_URL: 'https://h/x?key=canary',
    }
    expect(JSON.stringify(listConfig(loadConfig(env), env))).not.toContain('canary')
  })
})

describe('an address with credentials where they do not belong', () => {
  it.each([
    ['STORAGE_URL', 's3://key:canary@bucket/images'],
    ['STORAGE_URL', 'https://minio:9000/bucket?X-Amz-Credential=canary'],
    ['STORAGE_URL', 'key:canary@bucket'],
    ['PUBSUB_EMULATOR_HOST', 'http://user:canary@localhost:8085'],
    ['DATABASE_URL', 'user:canary@db:5432/concepts'],
    ['DATABASE_URL', 'mysql://user:pass/canary@db/concepts'],
    ['DATABASE_URL', 'mysql://user:12/canary@db/concepts'],
    ['DATABASE_URL', 'mysql://user:12#canary@db/concepts'],
    ['MODEL_ENDPOINT_URL', 'https:user:canary@example.com'],
  ])('is refused without showing them: %s=%s', (name, value) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).not.toContain('canary')
  })

  it('is shown as it was written where it has none', () => {
    expect(problemsOf({ STORAGE_URL: '/srv/images' })[0]).toContain('STORAGE_URL=/srv/images:')
    const env = { PUBSUB_EMULATOR_HOST: '127.0.0.1:8085' }
    const listed = listConfig(loadConfig(env), env).find(({ variable }) => variable in env)
    expect(listed).toMatchObject({ value: '127.0.0.1:8085' })
  })
})

describe('the listing of the configuration', () => {
  it('says of every variable where its value comes from', () => {
    const env = { LOG_LEVEL: 'debug' }
    const sources = Object.fromEntries(
      listConfig(loadConfig(env), env).map(({ variable, source }) => [variable, source]),
    )
    expect(sources).toMatchObject({
      LOG_LEVEL: 'environment',
      LEASE_MS: 'default',
      POOL_MAX_THREADS: 'machine',
      DATABASE_URL: 'embedded',
      HTTP_PORT: 'unset',
    })
  })
})
