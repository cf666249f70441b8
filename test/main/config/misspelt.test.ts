import { describe, expect, it } from 'vitest'
import { misspeltVariables } from '../../../src/main/config/misspelt.ts'
import { VARIABLE_NAMES } from '../../../src/main/config/schema.ts'
import { problemsOf } from './problems.ts'

describe('a misspelt variable', () => {
  it.each([
    ['POOL_MAX_THREAD', 'POOL_MAX_THREADS'],
    ['MAX_TASK_IN_FLIGHT', 'MAX_TASKS_IN_FLIGHT'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['IMAGE_MEMORY_MB', 'IMAGE_MEMORY_MIB'],
    ['LEASE_MSS', 'LEASE_MS'],
    ['http_port', 'HTTP_PORT'],
    ['HTTP_PROT', 'HTTP_PORT'],
    ['HTTP_HOTS', 'HTTP_HOST'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['MAX_IN_FLIGHT', 'MAX_TASKS_IN_FLIGHT'],
    ['S3_ENDPOINT', 'S3_ENDPOINT_URL'],
    ['PUBSUB_PROJECT_ID', 'PUBSUB_PROJECT'],
    ['HUGGINGFACE_TOKEN', 'HF_TOKEN'],
  ])('%s is told from %s', (given, meant) => {
    expect(misspeltVariables({ [given]: '1' })).toEqual([{ given, meant: [meant] }])
  })

  it('is none where another program has its own name for the same', () => {
    expect(misspeltVariables({ HF_TOKEN: 'hf_1', HUGGINGFACE_TOKEN: 'hf_1' })).toEqual([])
  })

  it('may be either of two', () => {
    expect(misspeltVariables({ POOL_THREADS: '4' })).toEqual([
      { given: 'POOL_THREADS', meant: ['POOL_MIN_THREADS', 'POOL_MAX_THREADS'] },
    ])
  })

  it('stands in the list of mistakes, so that it is not found out only when those are mended', () => {
    expect(problemsOf({ MAX_ATTEMPT: '3', HTTP_PORT: 'abc' })).toEqual([
      expect.stringContaining('HTTP_PORT=abc'),
      'MAX_ATTEMPT: is not read; expected MAX_ATTEMPTS',
    ])
    expect(problemsOf({ MAX_ATTEMPT: '3' })).toEqual([])
  })

  it('is none where the name is right, belongs to another program, or has no value', () => {
    const right = Object.fromEntries(VARIABLE_NAMES.map((name) => [name, '1']))
    const others = {
      PATH: '/bin',
      HOME: '/root',
      HTTP_PROXY: 'http://proxy',
      AWS_DEFAULT_REGION: 'x',
      PGHOST: 'db',
      DATABASE: 'x',
      LOG: 'x',
      NPM_TOKEN: 'x',
    }
    expect(misspeltVariables({ ...right, ...others, POOL_MAX_THREAD: '' })).toEqual([])
  })
})
