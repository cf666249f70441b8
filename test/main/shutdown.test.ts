import { describe, expect, it } from 'vitest'
import { Shutdown } from '../../src/main/shutdown.ts'
import { recordedLog } from '../setup/recorded-log.ts'

const never = () => new Promise<void>(() => undefined)

describe('a shutdown', () => {
  it('waits for every part, and has nothing left', async () => {
    const { log } = recordedLog()
    const shutdown = new Shutdown(60_000, log)
    const done: string[] = []
    await shutdown.part('intake', async () => {
      await Promise.resolve()
      done.push('intake')
    })
    await shutdown.part('database', async () => {
      await Promise.resolve()
      done.push('database')
    })
    expect(done).toEqual(['intake', 'database'])
    expect(shutdown.end()).toEqual([])
  })

  it('goes past what hangs: the others are stopped as well, and the names of those that hang are known', async () => {
    const { log } = recordedLog()
    const shutdown = new Shutdown(20, log)
    const told: string[] = []
    const tell = (name: string, stop: () => Promise<void>) =>
      shutdown.part(name, () => {
        told.push(name)
        return stop()
      })
    await tell('tasks', never)
    await tell('leases', never)
    await tell('health', () => Promise.resolve())
    expect(told).toEqual(['tasks', 'leases', 'health'])
    expect(shutdown.end()).toEqual(['tasks', 'leases'])
  })

  it('goes past what fails, logs why, and names it', async () => {
    const { log, lines } = recordedLog()
    const shutdown = new Shutdown(60_000, log)
    const error = new Error('the broker is gone')
    await shutdown.part('pubsub', () => Promise.reject(error))
    expect(shutdown.end()).toEqual(['pubsub'])
    expect(lines).toEqual([
      {
        level: 'error',
        message: 'a part of the worker could not be stopped',
        fields: { part: 'pubsub', err: error },
      },
    ])
  })
})
