import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { recommend, type Measured } from '../../../src/main/tuning/recommendation.ts'

const GIB = 1024 ** 3

const machine: Measured = {
  cores: 8,
  memoryBytes: 32 * GIB,
  oneThread: { threads: 1, tasksPerSecond: 10, imageMs: 100, mainThreadMs: 1 },
  allCores: { threads: 8, tasksPerSecond: 76, imageMs: 105, mainThreadMs: 1 },
  database: { roundTripMs: 1, mainThreadMs: 0.05 },
  models: { imageMs: 3_000, paletteMs: 2_000 },
}

const valueOf = (measured: Measured, name: string) =>
  recommend(measured).settings.find(({ variable }) => variable === name)?.value

describe('the settings that are recommended', () => {
  it('give each core a thread, and the provider as many calls as the tasks need at its latency', () => {
    expect(valueOf(machine, 'POOL_MAX_THREADS')).toBe(8)
    expect(valueOf(machine, 'IMAGE_MEMORY_MIB')).toBe(4096)
    // 76 tasks a second with 5 s in models, and a quarter more.
    expect(valueOf(machine, 'MODEL_CONCURRENCY')).toBe(475)
    expect(recommend(machine).tasksPerSecond).toBe(76)
  })

  it('give so many processes that no main thread has more threads than it keeps busy', () => {
    expect(valueOf(machine, 'WORKER_PROCESSES')).toBe(1)
    // 24.4 ms and 12 statements: 4 threads of 100 ms.
    const slow = { ...machine, allCores: { ...machine.allCores, mainThreadMs: 24.4 } }
    expect(valueOf(slow, 'POOL_MAX_THREADS')).toBe(8)
    expect(valueOf(slow, 'WORKER_PROCESSES')).toBe(2)
    expect(recommend(slow).tasksPerSecond).toBe(76)
    const large = { ...machine, cores: 64 }
    expect(valueOf(large, 'WORKER_PROCESSES')).toBe(4)
  })

  it.each<[string, Partial<Measured>]>([
    ['many cores that a main thread keeps one of busy', { cores: 128 }],
    ['little memory', { cores: 16, memoryBytes: GIB / 2 }],
    ['slow models', { cores: 64, models: { imageMs: 600_000, paletteMs: 60_000 } }],
  ])('are what the worker takes, also with %s', (_, rest) => {
    const slow = { ...machine, allCores: { ...machine.allCores, mainThreadMs: 100 }, ...rest }
    const { settings } = recommend(slow)
    const given = settings.flatMap(({ variable, value }) =>
      value === null ? [] : [[variable, String(value)]],
    )
    expect(() => loadConfig(Object.fromEntries(given) as Record<string, string>)).not.toThrow()
  })

  it('doubt a measurement in which the cores were busy with something else', () => {
    const reasonFor = (tasksPerSecond: number) => {
      const { settings } = recommend({ ...machine, allCores: { ...machine.allCores, tasksPerSecond } })
      return settings.find(({ variable }) => variable === 'POOL_MAX_THREADS')?.reason
    }
    expect(reasonFor(76)).not.toContain('measure again')
    expect(reasonFor(12)).toContain('measure again')
  })

  it('leave open what was not measured', () => {
    const alone = { ...machine, models: null, database: null }
    expect(valueOf(alone, 'MODEL_CONCURRENCY')).toBeNull()
    expect(valueOf(alone, 'MAX_TASKS_IN_FLIGHT')).toBeNull()
  })
})
