import { describe, expect, it } from 'vitest'
import { misspeltVariables } from '../../../src/main/config/misspelt.ts'
import { VARIABLE_NAMES } from '../../../src/main/config/schema.ts'

describe('a misspelt variable', () => {
  it.each([
    ['POOL_MAX_THREAD', 'POOL_MAX_THREADS'],
    ['MAX_TASK_IN_FLIGHT', 'MAX_TASKS_IN_FLIGHT'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['IMAGE_MEMORY_MB', 'IMAGE_MEMORY_MIB'],
    ['LEASE_MSS', 'LEASE_MS'],
    ['http_port', 'HTTP_PORT'],
  ])('%s is told from %s', (given, meant) => {
    expect(misspeltVariables({ [given]: '1' })).toEqual([{ given, meant }])
  })

  it('is none where the name is right, belongs to another program, or has no value', () => {
    const right = Object.fromEntries(VARIABLE_NAMES.map((name) => [name, '1']))
    const others = {
      PATH: '/bin',
      HOME: '/root',
      HTTP_PROXY: 'http://proxy',
      AWS_DEFAULT_REGION: 'x',
      PGHOST: 'db',
    }
    expect(misspeltVariables({ ...right, ...others, POOL_MAX_THREAD: '' })).toEqual([])
  })
})
