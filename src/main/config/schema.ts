import { isIP } from 'node:net'
import { parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { IMAGE_DEFAULTS } from '../pool/image-settings.ts'
import { MOST_PROCESSES } from '../processes/process-count.ts'
import { MODEL_VARIABLES } from './model-variables.ts'
import { decimal, urlOf, variable, wholeNumber, type Meta } from './variable.ts'

/** A URL that others can be made from: no credentials, no query, no fragment. */
const plainWebUrl = urlOf('http:', 'https:').refine((value) => /^https?:\/\/[^@?#]*$/i.test(value))

/** A bucket's name, and a prefix of plain segments, none of which is dots alone. */
const BUCKET_URL = /^(gs|s3):\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/(?!\.+(\/|$))[\w.+=-]{1,200}){0,8}\/?$/

/** A `file:` URL that leads to one folder of this machine and says nothing else. */
function isFolderUrl(value: string): boolean {
  if (!value.startsWith('file:///') || /[?#]/.test(value)) return false
  try {
    const path = fileURLToPath(value)
    return path !== parse(path).root && !path.includes('\0')
  } catch {
    // An encoded slash, or a form that this system does not know.
    return false
  }
}

const isPort = (digits: string | undefined) => Number(digits) >= 1 && Number(digits) <= 65_535

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
      .refine((value) => isPort(/(\d+)\/?$/.exec(value)?.[1]))
      .optional(),
    {
      about: "address of a Pub/Sub emulator, the client's own variable",
      expected: 'HOST:PORT',
      disclosure: 'address',
    },
  ),
  PUBSUB_TOPIC: variable(resourceName.default('concept-tasks'), {
    about: 'topic that tasks are published to',
    expected: RESOURCE_NAME,
  }),
  PUBSUB_SUBSCRIPTION: variable(resourceName.default('concept-worker'), {
    about: 'subscription that all workers share',
    expected: RESOURCE_NAME,
  }),
  ...MODEL_VARIABLES,
  STORAGE_URL: variable(
    z
      .string()
      .refine((value) => BUCKET_URL.test(value) || (URL.canParse(value) && isFolderUrl(value)))
      .optional(),
    {
      about: 'where images are stored; DATA_DIR/images where unset',
      expected: 'file:///ABSOLUTE/FOLDER, gs://BUCKET/PREFIX or s3://BUCKET/PREFIX',
      disclosure: 'address',
    },
  ),
  PUBLIC_BASE_URL: variable(plainWebUrl.optional(), {
    about: 'web address of what STORAGE_URL names, such as that of a CDN; image URLs begin with it',
    expected: 'http://HOST or https://HOST, with a path where there is one, without user name and query',
    disclosure: 'url',
  }),
  SIGNED_URL_LIFETIME_MS: variable(wholeNumber(60_000, 604_800_000).optional(), {
    about: 'for a private bucket: image URLs are signed and hold for so long; not signed where unset',
    expected: 'a whole number of milliseconds from 60000 to 604800000, which is seven days',
  }),
  STORAGE_TIMEOUT_MS: variable(wholeNumber(100, 600_000).default(30_000), {
    about:
      'total time that one call of the bucket or the folder may take, with everything that is tried again',
    expected: 'a whole number of milliseconds from 100 to 600000',
  }),
  S3_ENDPOINT_URL: variable(plainWebUrl.optional(), {
    about: 'for s3: the service that has the bucket, such as MinIO or R2; Amazon’s where unset',
    expected: 'http://HOST or https://HOST, with a path where there is one, without user name and query',
    disclosure: 'url',
  }),
  AWS_REGION: variable(
    z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .optional(),
    {
      about: "for s3: the bucket's region, the SDK's own variable; us-east-1 where there is an endpoint",
      expected: 'a region such as eu-central-1',
    },
  ),
  S3_FORCE_PATH_STYLE: variable(z.enum(['true', 'false']).optional(), {
    about:
      'for s3: whether the bucket is named in the path, not in the host; true where there is an endpoint',
    expected: 'true or false',
  }),
  STORAGE_EMULATOR_HOST: variable(plainWebUrl.optional(), {
    about: "for gs: address of a Cloud Storage emulator, the client's own variable",
    expected: 'http://HOST:PORT',
    disclosure: 'url',
  }),
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
  WORKER_PROCESSES: variable(wholeNumber(1, MOST_PROCESSES).optional(), {
    about:
      'processes that share the image threads, their memory, tasks and model calls, each with a main thread of its own; one for each 16 image threads where unset',
    expected: `a whole number from 1 to ${MOST_PROCESSES}`,
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
  STAND_INS: variable(z.enum(['allowed', 'refused']).default('allowed'), {
    about: 'whether an embedded service may stand in for one that has no address; refused in production',
    expected: 'allowed or refused',
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
    about: 'port for /livez, /readyz and /metrics; none where unset, any free one for 0',
    expected: 'a port from 0 to 65535',
  }),
  HTTP_HOST: variable(
    z
      .string()
      .refine((value) => isIP(value) !== 0)
      .default('127.0.0.1'),
    {
      about: 'address that HTTP_PORT is opened on, without a password; 0.0.0.0 or :: for every one',
      expected: 'an IP address of this machine, such as 127.0.0.1, 10.0.0.5, 0.0.0.0 or ::',
    },
  ),
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
