import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { availableCores } from '../pool/available-cores.ts'
import { availableMemoryBytes, defaultImageMemoryMib } from '../pool/available-memory.ts'
import type { ImageSettings } from '../pool/image-settings.ts'
import { showValue } from './disclosure.ts'
import {
  environmentSchema,
  VARIABLE_NAMES,
  variableMeta,
  type Environment,
  type VariableName,
} from './schema.ts'

/** The worker's whole configuration, parsed once at start. `null` stands for an embedded service. */
export type Config = Readonly<{
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
  models: Readonly<{
    token: string | null
    endpointUrl: string | null
    embedded: boolean
    imageModel: string
    editModel: string
    paletteModel: string
    timeoutMs: number
  }>
  storage: Readonly<{
    url: string
    /** False: it follows from the data folder. */
    isGiven: boolean
  }>
  images: ImageSettings
  pool: Readonly<{ minThreads: number; maxThreads: number; imageMemoryMib: number; jobTimeoutMs: number }>
  /** `maxInFlight` is null where it follows the threads. */
  tasks: Readonly<{
    maxInFlight: number | null
    maxAttempts: number
    leaseMs: number
    drainTimeoutMs: number
  }>
  logLevel: Environment['LOG_LEVEL']
  httpPort: number | null
}>

/** All mistakes of the environment at once; `message` has a line for each and hides secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['the environment has mistakes:', ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.problems = problems
  }
}

const EMBEDDED_PROJECT = 'concept-worker'

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
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return freeze(toConfig(parsed.data))
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
  const problems: string[] = []
  const min = Number(given.POOL_MIN_THREADS)
  const max = Number(given.POOL_MAX_THREADS ?? availableCores())
  if (min > max) {
    const origin = given.POOL_MAX_THREADS
      ? 'POOL_MAX_THREADS'
      : 'the number of cores, as POOL_MAX_THREADS is unset'
    problems.push(`POOL_MIN_THREADS=${min}: expected at most ${max} (${origin})`)
  }
  return problems
}

function toConfig(env: Environment): Config {
  const dataDir = resolve(env.DATA_DIR)
  const maxThreads = env.POOL_MAX_THREADS ?? availableCores()
  return {
    dataDir,
    database: { url: env.DATABASE_URL ?? null },
    pubsub: {
      project: env.PUBSUB_PROJECT ?? EMBEDDED_PROJECT,
      emulatorHost: env.PUBSUB_EMULATOR_HOST ?? null,
      embedded: env.PUBSUB_PROJECT === undefined && env.PUBSUB_EMULATOR_HOST === undefined,
      topic: env.PUBSUB_TOPIC,
      subscription: env.PUBSUB_SUBSCRIPTION,
    },
    models: {
      token: env.HF_TOKEN ?? null,
      endpointUrl: env.MODEL_ENDPOINT_URL ?? null,
      embedded: env.HF_TOKEN === undefined && env.MODEL_ENDPOINT_URL === undefined,
      imageModel: env.IMAGE_MODEL,
      editModel: env.EDIT_MODEL,
      paletteModel: env.PALETTE_MODEL,
      timeoutMs: env.MODEL_TIMEOUT_MS,
    },
    storage: {
      url: env.STORAGE_URL ?? pathToFileURL(resolve(dataDir, 'images')).href,
      isGiven: env.STORAGE_URL !== undefined,
    },
    images: {
      format: env.IMAGE_FORMAT,
      pngCompressionLevel: env.PNG_COMPRESSION_LEVEL,
      webpQuality: env.WEBP_QUALITY,
      webpEffort: env.WEBP_EFFORT,
      recolourStrength: env.RECOLOUR_STRENGTH,
    },
    pool: {
      minThreads: env.POOL_MIN_THREADS ?? maxThreads,
      maxThreads,
      imageMemoryMib: env.IMAGE_MEMORY_MIB ?? defaultImageMemoryMib(maxThreads, availableMemoryBytes()),
      jobTimeoutMs: env.IMAGE_JOB_TIMEOUT_MS,
    },
    tasks: {
      maxInFlight: env.MAX_TASKS_IN_FLIGHT ?? null,
      maxAttempts: env.MAX_ATTEMPTS,
      leaseMs: env.LEASE_MS,
      drainTimeoutMs: env.DRAIN_TIMEOUT_MS,
    },
    logLevel: env.LOG_LEVEL,
    httpPort: env.HTTP_PORT ?? null,
  }
}

function freeze(config: Config): Config {
  for (const part of Object.values(config)) if (part && typeof part === 'object') Object.freeze(part)
  return Object.freeze(config)
}
