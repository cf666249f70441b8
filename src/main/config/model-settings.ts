import type { Provider } from './model-variables.ts'
import type { Environment, VariableName } from './schema.ts'

/** Where the calls of one task go, and what they carry beside the task's own words. */
export type ModelTarget = Readonly<{
  model: string
  /** Null: any that the account prefers, or an endpoint. */
  provider: Provider | null
  /** Of its own; null: the provider's, or the endpoint of all models. */
  endpointUrl: string | null
  parameters: Readonly<Record<string, unknown>>
}>

export type ModelSettings = Readonly<{
  token: string | null
  /** For each task that has neither a provider nor an endpoint of its own. */
  endpointUrl: string | null
  /** Whether a task is left without an address: the embedded server is its endpoint. */
  embedded: boolean
  image: ModelTarget
  edit: ModelTarget
  palette: ModelTarget
  timeoutMs: number
  concurrency: number
}>

export function modelSettings(env: Environment, maxInFlight: number): ModelSettings {
  const targets = {
    image: target(env.IMAGE_MODEL, env.IMAGE_PROVIDER, env.IMAGE_ENDPOINT_URL, env.IMAGE_PARAMETERS),
    edit: target(env.EDIT_MODEL, env.EDIT_PROVIDER, env.EDIT_ENDPOINT_URL, env.EDIT_PARAMETERS),
    palette: target(
      env.PALETTE_MODEL,
      env.PALETTE_PROVIDER,
      env.PALETTE_ENDPOINT_URL,
      env.PALETTE_PARAMETERS,
    ),
  }
  const hasDefault = env.HF_TOKEN !== undefined || env.MODEL_ENDPOINT_URL !== undefined
  return {
    ...targets,
    token: env.HF_TOKEN ?? null,
    endpointUrl: env.MODEL_ENDPOINT_URL ?? null,
    embedded: !hasDefault && Object.values(targets).some(({ endpointUrl }) => endpointUrl === null),
    timeoutMs: env.MODEL_TIMEOUT_MS,
    concurrency: env.MODEL_CONCURRENCY ?? maxInFlight,
  }
}

function target(
  model: string,
  provider: Provider | undefined,
  endpointUrl: string | undefined,
  parameters: string,
): ModelTarget {
  return {
    model,
    provider: provider ?? null,
    endpointUrl: endpointUrl ?? null,
    parameters: JSON.parse(parameters) as Record<string, unknown>,
  }
}

/** What is wrong between the variables of one task. */
export function modelProblems(given: Partial<Record<VariableName, string>>): string[] {
  return (['IMAGE', 'EDIT', 'PALETTE'] as const).flatMap((task) => {
    const provider = given[`${task}_PROVIDER`]
    if (provider === undefined) return []
    if (given[`${task}_ENDPOINT_URL`] !== undefined) {
      return `${task}_PROVIDER=${provider}: expected it unset beside ${task}_ENDPOINT_URL, which is called without one`
    }
    return given.HF_TOKEN === undefined
      ? `${task}_PROVIDER=${provider}: expected HF_TOKEN beside it, as a provider asks for one`
      : []
  })
}
