/** The process of one subject: it is measured alone in it. */
import { Client } from 'pg'
import { processInput, tell } from '../bench-process.ts'
import { cpuSince, cpuTime, type CpuTime } from '../main-thread-cpu.ts'
import { GraphileSubject } from './graphile.ts'
import { OurSubject, type LoneTask } from './ours.ts'
import { PgBossSubject } from './pg-boss.ts'
import type { Subject, SubjectName } from './subject.ts'

export type SubjectInput = {
  readonly name: SubjectName
  readonly databaseUrl: string
  readonly pubsubHost: string
  readonly tasks: number
  /** Tasks before those, which do not count. */
  readonly warmUpTasks: number
  readonly maxInFlight: number
  /** Whether a task of ours has an entry for a folder of images. */
  readonly hasFolders: boolean
  readonly loneTasks: number
}

export type SubjectReport = {
  readonly elapsedMs: number
  readonly cpu: CpuTime
  readonly lone: readonly LoneTask[]
}

async function measure(input: SubjectInput): Promise<SubjectReport> {
  const subject = makeSubject(input)
  const { tasks, warmUpTasks } = input
  await subject.prepare(warmUpTasks + tasks)
  await settleDown(input.databaseUrl)
  let done = 0
  let startedAtMs = 0
  let startCpu = cpuTime()
  const begin = () => {
    startedAtMs = performance.now()
    startCpu = cpuTime()
  }
  if (warmUpTasks === 0) begin()
  await new Promise<void>((resolve, reject) => {
    const onDone = () => {
      done++
      if (done === warmUpTasks) begin()
      if (done === warmUpTasks + tasks) resolve()
    }
    subject.start(onDone).catch(reject)
  })
  while ((await subject.unfinished()) > 0);
  const elapsedMs = performance.now() - startedAtMs
  const cpu = cpuSince(startCpu)
  const lone = subject instanceof OurSubject ? await subject.loneTasks(input.loneTasks) : []
  await subject.stop()
  return { elapsedMs, cpu, lone }
}

function makeSubject({ name, databaseUrl, pubsubHost, maxInFlight, hasFolders }: SubjectInput): Subject {
  switch (name) {
    case 'ours':
      return new OurSubject({ databaseUrl, pubsubHost, maxInFlight, hasFolders })
    case 'graphileDefaults':
      return new GraphileSubject(databaseUrl, 'defaults')
    case 'graphileBest':
      return new GraphileSubject(databaseUrl, 'best')
    case 'pgBossBatch100':
      return new PgBossSubject(databaseUrl)
  }
}

/** What so many new rows make Postgres do later is done before the measurement, for everyone. */
async function settleDown(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('VACUUM ANALYZE')
  await client.query('CHECKPOINT')
  await client.end()
}

tell(await measure(processInput() as SubjectInput))
process.disconnect()
