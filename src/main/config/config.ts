import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { availableCores } from '../pool/available-cores.ts'
import { availableMemoryBytes, defaultImageMemoryMib } from '../pool/available-memory.ts'
import type { ImageSettings } from '../pool/image-settings.ts'
import { mostTasksInFlight } from '../pool/in-flight-target.ts'
import { defaultProcesses, mostProcesses } from '../processes/process-count.ts'
import { ConfigError } from './config-error.ts'
import { missingServices } from './missing-services.ts'
import { misspeltVariables } from './misspelt.ts'
import { showValue } from './disclosure.ts'
import { modelProblems, modelSettings, type ModelSettings } from './model-settings.ts'
import {
  environmentSchema,
  VARIABLE_NAMES,
  variableMeta,
  type Environment,
  type VariableName,
} from './schema.ts'

/** The worker's whole configuration, parsed once at start. `null` stands for an embedded service. */
export type Config = Readonly<{
  /** Whether services without an address are stood in for. */
  standIns: Environment['STAND_INS']
  /** Absolute path. */
  dataDir: string
  database: Readonly<{ url: string | null }>
  pubsub: Readonly<{
    /** Null: the embedded server, in the project `concept-worker`. */
    project: string
    emulatorHost: string | null
    embedded: boolean
    topic: string
    subscription: string
  }>
  models: ModelSettings
  storage: Readonly<{
    url: string
    /** False: it follows from the data folder. */
    isGiven: boolean
    /** Leads to what `url` names. */
    publicBaseUrl: string | null
    /** Null: image URLs are not signed. */
    signedUrlLifetimeMs: number | null
    timeoutMs: number
    /** Null: Amazon's own, and what its SDK finds by itself. */
    s3EndpointUrl: string | null
    s3Region: string | null
    s3ForcePathStyle: boolean
    gcsEmulatorUrl: string | null
  }>
  images: ImageSettings
  /** What is counted for the pool, tasks and model calls is for all of them together. */
  processes: number
  pool: Readonly<{ minThreads: number; maxThreads: number; imageMemoryMib: number; jobTimeoutMs: number }>
  /** `maxInFlight` is null where it follows the threads. */
  tasks: Readonly<{
    maxInFlight: number | null
    maxAttempts: number
    leaseMs: number
    drainTimeoutMs: number
  }>
  logLevel: Environment['LOG_LEVEL']
  http: Readonly<{ host: string; /** Null: no port is opened. */ port: number | null }>
}>

const EMBEDDED_PROJECT = 'concept-worker'
/** Services beside Amazon's either ignore the region or go by this name. */
const DEFAULT_S3_REGION = 'us-east-1'

/** Parses the environment. Throws a {@link ConfigError} that lists every mistake. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = givenVariables(env)
  const parsed = environmentSchema.safeParse(given)
  const problems: string[] = []
  if (!parsed.success) {
    const wrong = new Set(parsed.error.issues.map((issue) => String(issue.path[0]) as VariableName))
    for (const name of wrong) {
      const { expected, disclosure } = variableMeta(name)
      problems.push(`${name}=${showValue(given[name] ?? '', disclosure)}: expected ${expected}`)
    }
  }
  problems.push(...crossChecks(given))
  const config = parsed.success ? toConfig(parsed.data) : null
  if (config) problems.push(...missingServices(config))
  if (!config || problems.length > 0) {
    // What is only warned of otherwise may be another reason why something is not as it was meant to be.
    const misspelt = misspeltVariables(env).map(
      ({ given: name, meant }) => `${name}: is not read; expected ${meant.join(' or ')}`,
    )
    throw new ConfigError([...problems, ...misspelt])
  }
  return freeze(config)
}

/** Only the worker's own variables, and only those that are not empty. */
export function givenVariables(
  env: Readonly<Record<string, string | undefined>>,
): Partial<Record<VariableName, string>> {
  const given: Partial<Record<VariableName, string>> = {}
  for (const name of VARIABLE_NAMES) {
    const value = env[name]?.trim()
    if (value) given[name] = value
  }
  return given
}

/** Rules between variables, checked even when another variable is wrong. */
function crossChecks(given: Partial<Record<VariableName, string>>): string[] {
  const problems = modelProblems(given)
  const min = Number(given.POOL_MIN_THREADS)
  const max = Number(given.POOL_MAX_THREADS ?? availableCores())
  if (min > max) {
    const origin = given.POOL_MAX_THREADS
      ? 'POOL_MAX_THREADS'
      : 'the number of cores, as POOL_MAX_THREADS is unset'
    problems.push(`POOL_MIN_THREADS=${min}: expected at most ${max} (${origin})`)
  }
  const shared = (name: VariableName) => (given[name] === undefined ? undefined : Number(given[name]))
  const most = mostProcesses({
    POOL_MAX_THREADS: max,
    IMAGE_MEMORY_MIB: shared('IMAGE_MEMORY_MIB'),
    MAX_TASKS_IN_FLIGHT: shared('MAX_TASKS_IN_FLIGHT'),
    MODEL_CONCURRENCY: shared('MODEL_CONCURRENCY'),
  })
  if (Number(given.WORKER_PROCESSES) > most.count) {
    problems.push(
      `WORKER_PROCESSES=${given.WORKER_PROCESSES}: expected at most ${most.count}, so that each has a part of ${most.variable}`,
    )
  }
  if (given.SIGNED_URL_LIFETIME_MS) {
    const signed = `SIGNED_URL_LIFETIME_MS=${given.SIGNED_URL_LIFETIME_MS}`
    if (given.PUBLIC_BASE_URL) problems.push(`${signed}: expected it unset beside PUBLIC_BASE_URL`)
    if (!/^(gs|s3):/.test(given.STORAGE_URL ?? '')) {
      problems.push(`${signed}: expected a bucket in STORAGE_URL, as URLs of files are not signed`)
    }
  }
  return problems
}

function toConfig(env: Environment): Config {
  const dataDir = resolve(env.DATA_DIR)
  const maxThreads = env.POOL_MAX_THREADS ?? availableCores()
  const memoryMib = env.IMAGE_MEMORY_MIB ?? defaultImageMemoryMib(maxThreads, availableMemoryBytes())
  const maxInFlight = env.MAX_TASKS_IN_FLIGHT ?? mostTasksInFlight(maxThreads)
  return {
    standIns: env.STAND_INS,
    dataDir,
    database: { url: env.DATABASE_URL ?? null },
    pubsub: {
      project: env.PUBSUB_PROJECT ?? EMBEDDED_PROJECT,
      emulatorHost: env.PUBSUB_EMULATOR_HOST ?? null,
      embedded: env.PUBSUB_PROJECT === undefined && env.PUBSUB_EMULATOR_HOST === undefined,
      topic: env.PUBSUB_TOPIC,
      subscription: env.PUBSUB_SUBSCRIPTION,
    },
    models: modelSettings(env, maxInFlight),
    storage: {
      url: env.STORAGE_URL ?? pathToFileURL(resolve(dataDir, 'images')).href,
      isGiven: env.STORAGE_URL !== undefined,
      publicBaseUrl: env.PUBLIC_BASE_URL ?? null,
      signedUrlLifetimeMs: env.SIGNED_URL_LIFETIME_MS ?? null,
      timeoutMs: env.STORAGE_TIMEOUT_MS,
      s3EndpointUrl: env.S3_ENDPOINT_URL ?? null,
      s3Region: env.AWS_REGION ?? (env.S3_ENDPOINT_URL === undefined ? null : DEFAULT_S3_REGION),
      s3ForcePathStyle: (env.S3_FORCE_PATH_STYLE ?? String(env.S3_ENDPOINT_URL !== undefined)) === 'true',
      gcsEmulatorUrl: env.STORAGE_EMULATOR_HOST ?? null,
    },
    images: {
      format: env.IMAGE_FORMAT,
      pngCompressionLevel: env.PNG_COMPRESSION_LEVEL,
      webpQuality: env.WEBP_QUALITY,
      webpEffort: env.WEBP_EFFORT,
      recolourStrength: env.RECOLOUR_STRENGTH,
    },
    processes:
      env.WORKER_PROCESSES ??
      defaultProcesses({ ...env, POOL_MAX_THREADS: maxThreads, IMAGE_MEMORY_MIB: memoryMib }),
    pool: {
      minThreads: env.POOL_MIN_THREADS ?? maxThreads,
      maxThreads,
      imageMemoryMib: memoryMib,
      jobTimeoutMs: env.IMAGE_JOB_TIMEOUT_MS,
    },
    tasks: {
      maxInFlight: env.MAX_TASKS_IN_FLIGHT ?? null,
      maxAttempts: env.MAX_ATTEMPTS,
      leaseMs: env.LEASE_MS,
      drainTimeoutMs: env.DRAIN_TIMEOUT_MS,
    },
    logLevel: env.LOG_LEVEL,
    http: { host: env.HTTP_HOST, port: env.HTTP_PORT ?? null },
  }
}

function freeze<T extends object>(part: T): Readonly<T> {
  for (const value of Object.values(part)) if (value && typeof value === 'object') freeze(value as object)
  return Object.freeze(part)
}
