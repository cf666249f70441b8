import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Config } from '../config/config.ts'
import { createDatabasePool } from '../database/pool.ts'
import { ModelThread } from '../models/model-thread.ts'
import { mainThreadMs } from './main-thread-time.ts'

/** What a statement takes, in the middle of many, and what of that the main thread does. */
export type DatabaseMeasurement = { readonly roundTripMs: number; readonly mainThreadMs: number }

/** What one call to each model of a generation took. */
export type ModelMeasurement = { readonly imageMs: number; readonly paletteMs: number }

const STATEMENTS = 1_000
/** Until the code is compiled. */
const WARM_UP_STATEMENTS = 1_000

export async function measureDatabase(databaseUrl: string): Promise<DatabaseMeasurement> {
  const pool = createDatabasePool(databaseUrl, () => undefined)
  try {
    for (let i = 0; i < WARM_UP_STATEMENTS; i++) await pool.query('SELECT 1')
    const timesMs: number[] = []
    const mainBeforeMs = mainThreadMs()
    for (let i = 0; i < STATEMENTS; i++) {
      const startMs = performance.now()
      await pool.query('SELECT 1')
      timesMs.push(performance.now() - startMs)
    }
    const usedMs = mainThreadMs() - mainBeforeMs
    const middle = timesMs.toSorted((a, b) => a - b)[STATEMENTS >> 1]!
    return { roundTripMs: middle, mainThreadMs: usedMs / STATEMENTS }
  } finally {
    await pool.end()
  }
}

/** Makes one call to the image model and one to the palette model, as a task does; they cost what they cost. */
export async function measureModels({ models }: Config): Promise<ModelMeasurement> {
  const thread = new ModelThread(models)
  const { signal } = new AbortController()
  const identity = () => ({ seed: 1, idempotencyKey: `tune/${randomUUID()}` })
  const brief = { logoDescription: 'a fox head', themeDescription: 'autumn forest', swatches: [], count: 7 }
  try {
    const startMs = performance.now()
    await thread.generateImage({ prompt: 'Logo: a fox head. Theme: autumn forest', ...identity() }, signal)
    const imageEndMs = performance.now()
    await thread.suggestPalettes({ ...brief, ...identity() }, signal)
    return { imageMs: imageEndMs - startMs, paletteMs: performance.now() - imageEndMs }
  } finally {
    await thread.stop()
  }
}
