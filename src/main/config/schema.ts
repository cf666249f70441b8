import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { IMAGE_DEFAULTS } from '../pool/image-settings.ts'

/** How a value may be shown: whole, as a URL without its credentials, or not at all. */
export type Disclosure = 'open' | 'url' | 'secret'

type Meta = {
  /** What it does, in one line. */
  readonly about: string
  /** The form that a mistake is answered with. */
  readonly expected: string
  readonly disclosure?: Disclosure
}

const variable = <S extends z.ZodType>(schema: S, meta: Meta): S => schema.meta({ ...meta })

const wholeNumber = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(min).max(max))

const decimal = (min: number, max: number) =>
  z
    .string()
    .regex(/^(\d+(\.\d+)?|\.\d+)$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))

const urlOf = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol))

const modelName = z.string().regex(/^[\w.-]+(\/[\w.-]+)?$/)

/** A `file:` URL that leads to one folder of this machine and says nothing else. */
function isFolderUrl(value: string): boolean {
  if (!value.startsWith('file:///') || /[?#]/.test(value)) return false
  try {
    return !fileURLToPath(value).includes('\0')
  } catch {
    // An encoded slash, or a form that this system does not know.
    return false
  }
}

/** Google's rule for topic and subscription names. */
const resourceName = z
  .string()
  .regex(/^[A-Za-z][\w.~+%-]{2,254}$/)
  .refine((value) => !value.startsWith('goog'))
const RESOURCE_NAME = '3 to 255 letters, digits or -_.~+%, a letter first, not beginning with "goog"'

/** Every environment variable that the worker reads. An empty one counts as unset. */
export const environmentSchema = z.object({
  DATABASE_URL: variable(urlOf('postgres:', 'postgresql:').optional(), {
    about: 'Postgres; an embedded one where unset',
    expected: 'postgresql://USER:PASSWORD@HOST:PORT/DATABASE',
    disclosure: 'url',
  }),
  PUBSUB_PROJECT: variable(
    z
      .string()
      .regex(/^[a-z][a-z0-9-.:]{2,62}$/)
      .optional(),
    {
      about:
        'Google Cloud project of the topic; an embedded Pub/Sub server where neither it nor an emulator is set',
      expected: 'a project id of 3 to 63 lower-case letters, digits or hyphens, a letter first',
    },
  ),
  PUBSUB_EMULATOR_HOST: variable(
    z
      .string()
      .regex(/^(https?:\/\/)?[\w.-]+:\d{1,5}\/?$/)
      .optional(),
    { about: "address of a Pub/Sub emulator, the client's own variable", expected: 'HOST:PORT' },
  ),
  PUBSUB_TOPIC: variable(resourceName.default('concept-tasks'), {
    about: 'topic that tasks are published to',
    expected: RESOURCE_NAME,
  }),
  PUBSUB_SUBSCRIPTION: variable(resourceName.default('concept-worker'), {
    about: 'subscription that all workers share',
    expected: RESOURCE_NAME,
  }),
  HF_TOKEN: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    {
      about: 'Hugging Face token; an embedded model server where neither it nor an endpoint is set',
      expected: 'a token without spaces',
      disclosure: 'secret',
    },
  ),
  MODEL_ENDPOINT_URL: variable(
    urlOf('http:', 'https:')
      .refine((value) => !/^https?:\/\/[^/?#]*@/i.test(value))
      .optional(),
    {
      about: 'an inference endpoint to call instead of the routed providers',
      expected:
        'http://HOST or https://HOST, with a path where the endpoint has one, without user name and password',
      disclosure: 'url',
    },
  ),
  IMAGE_MODEL: variable(modelName.default('black-forest-labs/FLUX.1-schnell'), {
    about: 'model for text to image',
    expected: 'OWNER/NAME as on the hub',
  }),
  EDIT_MODEL: variable(modelName.default('Qwen/Qwen-Image-Edit'), {
    about: 'model for image to image',
    expected: 'OWNER/NAME as on the hub',
  }),
  PALETTE_MODEL: variable(modelName.default('Qwen/Qwen3-32B'), {
    about: 'chat model for palettes',
    expected: 'OWNER/NAME as on the hub',
  }),
  MODEL_TIMEOUT_MS: variable(wholeNumber(100, 3_600_000).default(120_000), {
    about: 'total time that one model call may take',
    expected: 'a whole number of milliseconds from 100 to 3600000',
  }),
  STORAGE_URL: variable(
    z
      .string()
      .refine((value) => URL.canParse(value) && isFolderUrl(value))
      .optional(),
    { about: 'where images are stored; DATA_DIR/images where unset', expected: 'file:///ABSOLUTE/FOLDER' },
  ),
  IMAGE_FORMAT: variable(z.enum(['png', 'webp']).default(IMAGE_DEFAULTS.format), {
    about: 'format of the pictures that are stored',
    expected: 'png or webp',
  }),
  PNG_COMPRESSION_LEVEL: variable(wholeNumber(0, 9).default(IMAGE_DEFAULTS.pngCompressionLevel), {
    about: 'for PNG: from 0, fast, to 9, small',
    expected: 'a whole number from 0 to 9',
  }),
  WEBP_QUALITY: variable(wholeNumber(1, 100).default(IMAGE_DEFAULTS.webpQuality), {
    about: 'for WebP, which is lossy: how true to the picture',
    expected: 'a whole number from 1 to 100',
  }),
  WEBP_EFFORT: variable(wholeNumber(0, 6).default(IMAGE_DEFAULTS.webpEffort), {
    about: 'for WebP: from 0, fast, to 6, small',
    expected: 'a whole number from 0 to 6',
  }),
  RECOLOUR_STRENGTH: variable(decimal(0, 1).default(IMAGE_DEFAULTS.recolourStrength), {
    about:
      'how far variations take on their palettes: 0 leaves the picture untouched, 1 recolours it in full',
    expected: 'a number from 0 to 1, such as 0.8',
  }),
  POOL_MIN_THREADS: variable(wholeNumber(1, 512).optional(), {
    about: 'image threads that are always there; the same as POOL_MAX_THREADS where unset',
    expected: 'a whole number from 1 to 512, at most POOL_MAX_THREADS',
  }),
  POOL_MAX_THREADS: variable(wholeNumber(1, 512).optional(), {
    about: 'image threads at most; the cores that the machine or its cgroup quota offers where unset',
    expected: 'a whole number from 1 to 512',
  }),
  IMAGE_MEMORY_MIB: variable(wholeNumber(32, 16_777_216).optional(), {
    about:
      'memory for the images in hand and the work on them; where unset 512 for each image thread and at least 1024, but at most half of what the machine or its cgroup offers',
    expected: 'a whole number of mebibytes from 32 to 16777216',
  }),
  IMAGE_JOB_TIMEOUT_MS: variable(wholeNumber(1_000, 3_600_000).default(60_000), {
    about: 'time after which the job of an image thread counts as hung; the thread is replaced then',
    expected: 'a whole number of milliseconds from 1000 to 3600000',
  }),
  MAX_TASKS_IN_FLIGHT: variable(wholeNumber(1, 10_000).optional(), {
    about: 'tasks that the worker holds at once; where unset it follows the image threads, from 8 for each',
    expected: 'a whole number from 1 to 10000',
  }),
  MAX_ATTEMPTS: variable(wholeNumber(1, 100).default(5), {
    about: 'attempts that a task gets before it fails',
    expected: 'a whole number from 1 to 100',
  }),
  LEASE_MS: variable(wholeNumber(2_000, 600_000).default(30_000), {
    about: 'how long a claim holds without renewal; a dead worker’s tasks are taken over after it',
    expected: 'a whole number of milliseconds from 2000 to 600000',
  }),
  DRAIN_TIMEOUT_MS: variable(wholeNumber(0, 600_000).default(20_000), {
    about: 'time that tasks in hand get to finish after SIGTERM',
    expected: 'a whole number of milliseconds from 0 to 600000',
  }),
  DATA_DIR: variable(z.string().default('.concept-worker'), {
    about: 'folder of the embedded services and of the images where STORAGE_URL is unset',
    expected: 'a path',
  }),
  LOG_LEVEL: variable(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    {
      about: 'least severe level that is logged',
      expected: 'fatal, error, warn, info, debug, trace or silent',
    },
  ),
  HTTP_PORT: variable(wholeNumber(0, 65_535).optional(), {
    about: 'port for /livez and /readyz on the loopback address; none where unset, any free one for 0',
    expected: 'a port from 0 to 65535',
  }),
})

export type Environment = z.output<typeof environmentSchema>
export type VariableName = keyof Environment

export const VARIABLE_NAMES = Object.keys(environmentSchema.shape) as VariableName[]

/** What the schema says about a variable beside its type. */
export function variableMeta(name: VariableName): Required<Meta> {
  const meta = environmentSchema.shape[name].meta() as Meta | undefined
  if (!meta) throw new Error(`variable ${name} has no description`)
  return { disclosure: 'open', ...meta }
}
