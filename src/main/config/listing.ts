import { firstTasksInFlight } from '../pool/in-flight-target.ts'
import type { Config } from './config.ts'
import { givenVariables } from './config.ts'
import { showValue } from './disclosure.ts'
import { VARIABLE_NAMES, variableMeta, type VariableName } from './schema.ts'

export type ConfigLine = {
  readonly variable: VariableName
  /** As it is in force, secrets hidden. */
  readonly value: string
  readonly source: 'environment' | 'default' | 'machine' | 'embedded' | 'unset'
  readonly about: string
  /** Range, choices or form of what it may hold. */
  readonly expected: string
}

/** Every variable with its value in force, where that came from, and what it may hold. */
export function listConfig(config: Config, env: Readonly<Record<string, string | undefined>>): ConfigLine[] {
  const given = givenVariables(env)
  return VARIABLE_NAMES.map((variable) => {
    const { about, expected, disclosure } = variableMeta(variable)
    const text = given[variable]
    if (text !== undefined) {
      return { variable, value: showValue(text, disclosure), source: 'environment', about, expected }
    }
    return { variable, ...fallback(variable, config), about, expected }
  })
}

/** The value in force of a variable that the environment does not set. */
function fallback(variable: VariableName, config: Config): Pick<ConfigLine, 'value' | 'source'> {
  const standard = (value: string | number) => ({ value: String(value), source: 'default' }) as const
  const machine = (value: number) => ({ value: String(value), source: 'machine' }) as const
  const embedded = (is: boolean) =>
    is ? ({ value: '(embedded)', source: 'embedded' } as const) : ({ value: '', source: 'unset' } as const)
  switch (variable) {
    case 'DATABASE_URL':
      return embedded(true)
    case 'PUBSUB_EMULATOR_HOST':
      return embedded(config.pubsub.embedded)
    case 'MODEL_ENDPOINT_URL':
      return embedded(config.models.embedded)
    case 'HF_TOKEN':
    case 'HTTP_PORT':
    case 'PUBLIC_BASE_URL':
    case 'SIGNED_URL_LIFETIME_MS':
    case 'S3_ENDPOINT_URL':
    case 'AWS_REGION':
    case 'S3_FORCE_PATH_STYLE':
    case 'STORAGE_EMULATOR_HOST':
    case 'IMAGE_PROVIDER':
    case 'EDIT_PROVIDER':
    case 'PALETTE_PROVIDER':
    case 'IMAGE_ENDPOINT_URL':
    case 'EDIT_ENDPOINT_URL':
    case 'PALETTE_ENDPOINT_URL':
      return embedded(false)
    case 'PUBSUB_PROJECT':
      return standard(config.pubsub.project)
    case 'PUBSUB_TOPIC':
      return standard(config.pubsub.topic)
    case 'PUBSUB_SUBSCRIPTION':
      return standard(config.pubsub.subscription)
    case 'IMAGE_MODEL':
      return standard(config.models.image.model)
    case 'EDIT_MODEL':
      return standard(config.models.edit.model)
    case 'PALETTE_MODEL':
      return standard(config.models.palette.model)
    case 'IMAGE_PARAMETERS':
      return standard(JSON.stringify(config.models.image.parameters))
    case 'EDIT_PARAMETERS':
      return standard(JSON.stringify(config.models.edit.parameters))
    case 'PALETTE_PARAMETERS':
      return standard(JSON.stringify(config.models.palette.parameters))
    case 'MODEL_CONCURRENCY':
      return machine(config.models.concurrency)
    case 'MODEL_TIMEOUT_MS':
      return standard(config.models.timeoutMs)
    case 'STORAGE_URL':
      return { value: config.storage.url, source: 'embedded' }
    case 'STORAGE_TIMEOUT_MS':
      return standard(config.storage.timeoutMs)
    case 'IMAGE_FORMAT':
      return standard(config.images.format)
    case 'PNG_COMPRESSION_LEVEL':
      return standard(config.images.pngCompressionLevel)
    case 'WEBP_QUALITY':
      return standard(config.images.webpQuality)
    case 'WEBP_EFFORT':
      return standard(config.images.webpEffort)
    case 'RECOLOUR_STRENGTH':
      return standard(config.images.recolourStrength)
    case 'WORKER_PROCESSES':
      return machine(config.processes)
    case 'POOL_MIN_THREADS':
      return machine(config.pool.minThreads)
    case 'POOL_MAX_THREADS':
      return machine(config.pool.maxThreads)
    case 'IMAGE_MEMORY_MIB':
      return machine(config.pool.imageMemoryMib)
    case 'IMAGE_JOB_TIMEOUT_MS':
      return standard(config.pool.jobTimeoutMs)
    case 'MAX_TASKS_IN_FLIGHT':
      return machine(config.tasks.maxInFlight ?? firstTasksInFlight(config.pool.maxThreads))
    case 'MAX_ATTEMPTS':
      return standard(config.tasks.maxAttempts)
    case 'LEASE_MS':
      return standard(config.tasks.leaseMs)
    case 'DRAIN_TIMEOUT_MS':
      return standard(config.tasks.drainTimeoutMs)
    case 'STAND_INS':
      return standard(config.standIns)
    case 'DATA_DIR':
      return standard(config.dataDir)
    case 'LOG_LEVEL':
      return standard(config.logLevel)
    case 'HTTP_HOST':
      return standard(config.http.host)
  }
}
