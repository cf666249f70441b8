import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startStandIns } from '../../src/main/embedded/start-stand-ins.ts'
import { MeasuringProcess } from '../measuring-process.ts'
import { readPalettes } from '../pictures.ts'
import { recordAnswers } from './canned-answers.ts'
import { compileHollowThread } from './hollow-entry.ts'
import type { StubQuestion } from './stub-models.ts'

/** What the worker's main thread talks to, each in a process of its own. */
export type Services = {
  readonly databaseUrl: string
  readonly pubsubAddress: string
  readonly modelsUrl: string
  readonly storageUrl: string
  /** Module of the hollow threads. */
  readonly hollowEntry: URL
  /** File of the hollow threads' answers. */
  readonly answersFile: string
  /** Thread time of a task's image work, in milliseconds. */
  readonly taskMs: number
  stop(): Promise<void>
}

/** In memory where there is such a folder: the disk of this machine is not what is measured. */
const MEMORY_FOLDER = '/dev/shm'

export async function startServices(sidePx: number): Promise<Services> {
  const folder = await mkdtemp(
    join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'concept-worker-scale-'),
  )
  const cleanUp: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const step of cleanUp.splice(0).toReversed()) await step()
  }
  try {
    const answers = await recordAnswers(join(folder, 'answers'), sidePx)
    const models = new MeasuringProcess<StubQuestion, string>(new URL('stub-models.ts', import.meta.url), {})
    cleanUp.push(() => models.stop())
    const modelsUrl = await models.ask({ picture: answers.picture, palettes: await readPalettes() })
    const standIns = await startStandIns(['postgres', 'pubsub'], join(folder, 'services'))
    cleanUp.push(() => standIns.stop())
    return {
      databaseUrl: standIns.addresses.postgres ?? '',
      pubsubAddress: standIns.addresses.pubsub ?? '',
      modelsUrl,
      storageUrl: pathToFileURL(join(folder, 'images')).href,
      hollowEntry: await compileHollowThread(),
      answersFile: answers.file,
      taskMs: answers.taskMs,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
