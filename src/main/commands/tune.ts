import { Command, InvalidArgumentError } from 'commander'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/config.ts'
import { checkDatabase } from '../database/database-access.ts'
import { availableCores } from '../pool/available-cores.ts'
import { availableMemoryBytes } from '../pool/available-memory.ts'
import { outputFormat } from '../pool/image-settings.ts'
import { drawPicture, measureImages } from '../tuning/image-measurement.ts'
import { recommend, type Measured, type Recommendation } from '../tuning/recommendation.ts'
import { measureDatabase, measureModels } from '../tuning/service-measurement.ts'

const SECONDS = 24
/** Of the time for image work: one thread is more even than many. */
const ONE_THREAD_PART = 1 / 3

type Options = { readonly seconds: number; readonly json?: boolean }

export function tuneCommand(): Command {
  return new Command('tune')
    .description('measure this machine for half a minute and print the settings that suit it, as an env file')
    .option('--seconds <count>', 'time for image work', seconds, SECONDS)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async ({ seconds, json }: Options) => {
      const measured = await measure(loadConfig(process.env), seconds * 1_000)
      const recommendation = recommend(measured)
      process.stdout.write(
        json
          ? `${JSON.stringify({ measured, ...recommendation }, null, 2)}\n`
          : envFile(measured, recommendation),
      )
    })
}

const HELP = `
Image work is measured always, on a drawn logo of 1024x1024 with seven variations
(a shaded picture takes up to twice as long); Postgres where DATABASE_URL is set; the models,
with one call to each, which may cost something, where an endpoint is set. Run it
while nothing else has the machine.`

function seconds(text: string): number {
  if (Number(text) > 0 && Number(text) <= 3_600) return Number(text)
  throw new InvalidArgumentError('expected a number of seconds above 0, at most 3600')
}

async function measure(config: Config, durationMs: number): Promise<Measured> {
  await checkDatabase(config)
  const cores = availableCores()
  const picture = await drawPicture()
  const format = outputFormat(config.images)
  const { models, database } = config
  const hasEndpoint = [models.image, models.palette].every(
    ({ endpointUrl, provider }) => endpointUrl !== null || (provider === null && models.endpointUrl !== null),
  )
  return {
    cores,
    memoryBytes: availableMemoryBytes(),
    oneThread: await measureImages(picture, 1, durationMs * ONE_THREAD_PART, format),
    allCores: await measureImages(picture, cores, durationMs * (1 - ONE_THREAD_PART), format),
    database: database.url === null ? null : await measureDatabase(database.url),
    models: hasEndpoint ? await measureModels(config) : null,
  }
}

/** A file that a shell or a service manager can read: what is said is a comment. */
function envFile(
  { cores, allCores }: Measured,
  { settings, tasksPerSecond, forTwice }: Recommendation,
): string {
  const lines = settings.flatMap(({ variable, value, reason }) => [
    `# ${reason}`,
    value === null ? `# ${variable}=` : `${variable}=${value}`,
    '',
  ])
  return [
    `# ${cores} cores; with a thread on each, a task's image work takes ${allCores.imageMs.toFixed(0)} ms of one thread, in the mean`,
    `# expected: ${tasksPerSecond.toFixed(1)} generation tasks a second by image work and main thread alone: where Postgres, the broker and the models run elsewhere, and they and the storage keep up`,
    '',
    ...lines,
    '# for twice as many:',
    ...forTwice.map((step) => `# - ${step}`),
    '',
  ].join('\n')
}
