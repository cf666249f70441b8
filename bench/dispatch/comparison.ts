import { BenchProcess } from '../bench-process.ts'
import { withServices } from '../services.ts'
import { LABELS, SUBJECTS, type SubjectName } from './subject.ts'
import type { SubjectInput, SubjectReport } from './subject-process.ts'

export type ComparisonOptions = {
  readonly tasks: number
  readonly rounds: number
  readonly maxInFlight: number
  readonly hasFolders: boolean
  readonly loneTasks: number
  readonly say: (text: string) => void
}

export type SubjectRun = SubjectReport & { readonly name: SubjectName }

/** Tasks that do not count, as a share of those that do. */
const WARM_UP_SHARE = 0.2

/** Measures all of them in turns: each on a new database, in a process of its own, with nothing beside it. */
export function compare(options: ComparisonOptions): Promise<SubjectRun[]> {
  const { tasks, rounds, maxInFlight, hasFolders, loneTasks, say } = options
  return withServices(async ({ withDatabase, pubsubHost }) => {
    const runs: SubjectRun[] = []
    for (let round = 1; round <= rounds; round++) {
      for (const name of SUBJECTS) {
        const report = await withDatabase(`${name.toLowerCase()}_${round}`, async (databaseUrl) => {
          const input: SubjectInput = {
            name,
            databaseUrl,
            pubsubHost,
            tasks,
            warmUpTasks: Math.ceil(tasks * WARM_UP_SHARE),
            maxInFlight,
            hasFolders,
            loneTasks: name === 'ours' ? loneTasks : 0,
          }
          const subject = new BenchProcess(new URL('./subject-process.ts', import.meta.url), input)
          const answer = await subject.next<SubjectReport>()
          await subject.end()
          return answer
        })
        runs.push({ name, ...report })
        const perSecond = Math.round((tasks / report.elapsedMs) * 1_000)
        say(`round ${round} of ${rounds}  ${LABELS[name].padEnd(32)}${perSecond} tasks/s\n`)
      }
    }
    return runs
  })
}
