/** Something that gets tasks from where they wait to a durable end; the tasks themselves ask for nothing. */
export interface Subject {
  /** Makes its tables and lets so many tasks wait. */
  prepare(tasks: number): Promise<void>
  /** Begins to work on them. `onDone` is called when a task's own work is over, which need not be durable yet. */
  start(onDone: () => void): Promise<void>
  /** How many tasks have no durable end yet. */
  unfinished(): Promise<number>
  stop(): Promise<void>
}

export const SUBJECTS = ['ours', 'graphileDefaults', 'graphileBest', 'pgBossBatch100'] as const
export type SubjectName = (typeof SUBJECTS)[number]

/** What they are called in what is printed. */
export const LABELS: Readonly<Record<SubjectName, string>> = {
  ours: 'concept-worker',
  graphileDefaults: 'graphile-worker, defaults',
  graphileBest: 'graphile-worker, best settings',
  pgBossBatch100: 'pg-boss, batches of 100',
}

/** What a task carries, everywhere the same. */
export const FIELDS = { logo_description: 'a fox that reads a newspaper', theme_description: 'autumn forest' }
