import { z } from 'zod'
import { urlOf, variable, wholeNumber } from './variable.ts'

/** The providers that the client can route a task to, by task; `auto` takes the account's first choice. */
export const PROVIDERS = {
  image: [
    'auto',
    'deepinfra',
    'fal-ai',
    'hf-inference',
    'nscale',
    'replicate',
    'together',
    'wavespeed',
    'zai-org',
  ],
  edit: ['auto', 'fal-ai', 'hf-inference', 'replicate', 'together', 'wavespeed'],
  palette: [
    'auto',
    'baseten',
    'cerebras',
    'cohere',
    'deepinfra',
    'featherless-ai',
    'fireworks-ai',
    'groq',
    'hf-inference',
    'novita',
    'nscale',
    'ovhcloud',
    'publicai',
    'scaleway',
    'together',
    'zai-org',
  ],
} as const

/** What the client names a provider by. */
export type Provider = (typeof PROVIDERS)[keyof typeof PROVIDERS][number]

const modelName = z.string().regex(/^[\w.-]+(\/[\w.-]+)?$/)
const modelVariable = (standard: string, use: string) =>
  variable(modelName.default(standard), { about: `model for ${use}`, expected: 'OWNER/NAME as on the hub' })

const providerVariable = <const P extends readonly [Provider, ...Provider[]]>(providers: P, use: string) =>
  variable(z.enum(providers).optional(), {
    about: `provider that calls for ${use} are routed to, instead of MODEL_ENDPOINT_URL`,
    expected: providers.join(', '),
  })

const endpoint = urlOf('http:', 'https:').refine((value) => {
  if (!URL.canParse(value)) return false
  // Asked of the parser: it takes `http:user@host` and backslashes as well.
  const { username, password } = new URL(value)
  return username === '' && password === ''
})
const endpointVariable = (about: string) =>
  variable(endpoint.optional(), {
    about,
    expected:
      'http://HOST or https://HOST, with a path where the endpoint has one, without user name and password',
    disclosure: 'url',
  })

const side = z.int().min(64).max(4_096)
const imageParameters = z.looseObject({
  width: side.optional(),
  height: side.optional(),
  num_inference_steps: z.int().min(1).max(1_000).optional(),
  guidance_scale: z.number().min(0).max(100).optional(),
  strength: z.number().min(0).max(1).optional(),
  negative_prompt: z.string().optional(),
})
const IMAGE_FORMS =
  'sides whole numbers from 64 to 4096, num_inference_steps from 1 to 1000, guidance_scale from 0 to 100'
const chatParameters = z.looseObject({
  max_tokens: z.int().min(1).max(1_000_000).optional(),
  temperature: z.number().min(0).max(10).optional(),
  top_p: z.number().min(0).max(1).optional(),
})
const CHAT_FORMS = 'max_tokens a whole number from 1 to 1000000, temperature from 0 to 10, top_p from 0 to 1'

/** What every call sets itself, and where it goes. */
const RESERVED = [
  'inputs',
  'prompt',
  'seed',
  'messages',
  'response_format',
  'stream',
  'n',
  'model',
  'provider',
  'endpointUrl',
  'accessToken',
  'urlTransform',
]

/** What is nested deeper could not be handled without running out of stack. */
const MAX_DEPTH = 32

const parametersVariable = (known: z.ZodType, standard: object, use: string, forms: string) =>
  variable(
    z
      .string()
      .refine((text) => isParameters(text, known))
      .default(JSON.stringify(standard)),
    {
      about: `parameters of every call for ${use}, as the model takes them`,
      expected: `a JSON object (${forms}), nested ${MAX_DEPTH} deep at most, without ${RESERVED.join(', ')}`,
    },
  )

function isParameters(text: string, known: z.ZodType): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return (
      isNested(value, MAX_DEPTH) &&
      known.safeParse(value).success &&
      RESERVED.every((name) => !Object.hasOwn(value as object, name))
    )
  } catch {
    return false
  }
}

/** Whether a JSON value has at most so many levels of lists and objects. */
function isNested(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((each) => isNested(each, levels - 1))
}

/** Model calls at once that may be set at most. */
export const MOST_MODEL_CALLS = 10_000

/** Where the models are and how they are called. */
export const MODEL_VARIABLES = {
  HF_TOKEN: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    {
      about: 'Hugging Face token; an embedded model server for what has neither it nor an endpoint',
      expected: 'a token without spaces',
      disclosure: 'secret',
    },
  ),
  MODEL_ENDPOINT_URL: endpointVariable('an inference endpoint to call instead of the routed providers'),
  IMAGE_MODEL: modelVariable('black-forest-labs/FLUX.1-schnell', 'text to image'),
  IMAGE_PROVIDER: providerVariable(PROVIDERS.image, 'text to image'),
  IMAGE_ENDPOINT_URL: endpointVariable('an inference endpoint of its own for text to image'),
  IMAGE_PARAMETERS: parametersVariable(
    imageParameters,
    { width: 1024, height: 1024, num_inference_steps: 4 },
    'text to image',
    IMAGE_FORMS,
  ),
  EDIT_MODEL: modelVariable('Qwen/Qwen-Image-Edit', 'image to image'),
  EDIT_PROVIDER: providerVariable(PROVIDERS.edit, 'image to image'),
  EDIT_ENDPOINT_URL: endpointVariable('an inference endpoint of its own for image to image'),
  EDIT_PARAMETERS: parametersVariable(imageParameters, {}, 'image to image', IMAGE_FORMS),
  PALETTE_MODEL: modelVariable('Qwen/Qwen3-32B', 'palettes, a chat model'),
  PALETTE_PROVIDER: providerVariable(PROVIDERS.palette, 'palettes'),
  PALETTE_ENDPOINT_URL: endpointVariable('an inference endpoint of its own for palettes'),
  // Fifteen palettes take about 2,500 tokens.
  PALETTE_PARAMETERS: parametersVariable(chatParameters, { max_tokens: 4_096 }, 'palettes', CHAT_FORMS),
  MODEL_TIMEOUT_MS: variable(wholeNumber(100, 3_600_000).default(120_000), {
    about: 'total time that one model call may take',
    expected: 'a whole number of milliseconds from 100 to 3600000',
  }),
  MODEL_CONCURRENCY: variable(wholeNumber(1, MOST_MODEL_CALLS).optional(), {
    about: 'model calls at once, of all models together; as many as MAX_TASKS_IN_FLIGHT where unset',
    expected: `a whole number from 1 to ${MOST_MODEL_CALLS}`,
  }),
}
