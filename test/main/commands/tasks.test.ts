import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { GENERATION, REFINEMENT } from '../../../src/processors/task.ts'
import { runCommand } from '../../setup/command-line.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

/** What a row holds, and how many minutes ago it changed. */
type Row = { status: string; minutes: number; type?: string; errorCode?: string; worker?: string }

const ROWS = {
  waiting: { status: 'pending', minutes: 1 },
  running: { status: 'processing', minutes: 2, worker: 'host/7/abc' },
  refused: { status: 'failed', minutes: 3, errorCode: 'auth', worker: 'left over' },
  broken: { status: 'failed', minutes: 4, errorCode: 'internal', type: REFINEMENT },
  done: { status: 'completed', minutes: 5 },
  stopped: { status: 'cancelled', minutes: 6 },
  later: { status: 'pending', minutes: 7, errorCode: 'auth' },
} satisfies Record<string, Row>
type Name = keyof typeof ROWS

const ids = Object.fromEntries(Object.keys(ROWS).map((name) => [name, randomUUID()])) as Record<Name, string>

let pool: Pool
let databaseUrl: string

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url
  pool = createDatabasePool(databaseUrl, () => undefined)
  for (const [name, row] of Object.entries(ROWS) as [Name, Row][]) {
    await pool.query(
      `INSERT INTO tasks (id, user_id, type, status, error_code, claimed_by, metadata, request, attempt,
                          created_at, updated_at, run_at, lease_expires_at)
       SELECT $1, 'user-1', $2, $3, $4, $5, $6, $7, 3, at - interval '1 day', at, at, at
       FROM (SELECT now() - $8 * interval '1 minute' AS at) AS changed`,
      [
        ids[name],
        row.type ?? GENERATION,
        row.status,
        row.errorCode ?? null,
        row.worker ?? null,
        '{"logo_description":"canary"}',
        name === 'waiting' ? null : '{"theme_description":"canary"}',
        row.minutes,
      ],
    )
  }
  // A task that is completed has its stages.
  await pool.query(
    `INSERT INTO stage_timings (task_id, attempt, stage, started_at, wait_ms, run_ms, outcome)
     SELECT id, 1, stage, now(), 0, 1, 'ok' FROM tasks, unnest(ARRAY['generate_image', 'store_concept']) AS stage
     WHERE status IN ('completed', 'failed')`,
  )
})

afterAll(() => pool.end())

const tasks = (...args: string[]) => runCommand(['tasks', ...args], { env: { DATABASE_URL: databaseUrl } })

async function found(...args: string[]): Promise<Name[]> {
  const { code, stdout, stderr } = await tasks('--json', ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const listed = JSON.parse(stdout) as { id: string }[]
  return listed.map(({ id }) => (Object.keys(ids) as Name[]).find((name) => ids[name] === id)!)
}

describe('the list of tasks', () => {
  it('has those of every state once, the one that changed last first', async () => {
    expect(await found()).toEqual(Object.keys(ROWS))
  })

  it.each<[string[], Name[]]>([
    [
      ['--status', 'failed'],
      ['refused', 'broken'],
    ],
    [
      ['--status', 'completed,cancelled'],
      ['done', 'stopped'],
    ],
    [
      ['--status', 'processing', '--status', 'pending'],
      ['waiting', 'running', 'later'],
    ],
    [
      ['--error-code', 'auth'],
      ['refused', 'later'],
    ],
    [['--error-code', 'auth', '--status', 'failed'], ['refused']],
    [['--type', REFINEMENT], ['broken']],
    [['--error-code', 'quota'], []],
  ])('has with %j only those', async (args, names) => {
    expect(await found(...args)).toEqual(names)
  })

  it('says where its limit leaves some out, and only then', async () => {
    const [cut, whole] = await Promise.all([
      tasks('--json', '--limit', '2'),
      tasks('--json', '--limit', String(Object.keys(ROWS).length)),
    ])
    expect((JSON.parse(cut.stdout) as { id: string }[]).map(({ id }) => id)).toEqual([
      ids.waiting,
      ids.running,
    ])
    expect(cut).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('there are more than 2: --limit shows up to 1000') as unknown,
    })
    expect(JSON.parse(whole.stdout)).toHaveLength(Object.keys(ROWS).length)
    expect(whole.stderr).toBe('')
  })

  it('says in a line what each is and who has it, and nothing of what was asked for', async () => {
    const [text, json] = await Promise.all([tasks(), tasks('--json')])
    const lines = text.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(1 + Object.keys(ROWS).length)
    expect(lines[0]).toMatch(/^id +type +status +attempt +error +age +changed +worker$/)
    expect(lines[2]).toMatch(
      new RegExp(
        `^${ids.running} +concept_generation +processing +3 +24 h \\d+ min +2 min.* ago +host/7/abc$`,
      ),
    )
    expect(lines[3]).toMatch(/ failed +3 +auth +24 h \d+ min +3 min.* ago$/)
    expect(JSON.parse(json.stdout)).toContainEqual({
      id: ids.running,
      type: GENERATION,
      status: 'processing',
      attempt: 3,
      errorCode: null,
      createdAt: expect.any(String) as unknown,
      updatedAt: expect.any(String) as unknown,
      worker: 'host/7/abc',
    })
    expect(text.stdout + json.stdout).not.toMatch(/canary|user-1/)
  })

  it('says that there are none', async () => {
    expect(await tasks('--error-code', 'quota')).toEqual({ code: 0, stdout: 'no such tasks\n', stderr: '' })
  })

  it('cannot be had of a database that no worker has used, and says what to do', async () => {
    const url = new URL(databaseUrl)
    url.pathname = 'postgres'
    expect(await runCommand(['tasks'], { env: { DATABASE_URL: url.href } })).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('run "migrate"') as unknown,
    })
  })
})
