import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readTaskView, type TaskView } from '../../src/main/concepts/task-view.ts'
import { Interruption } from '../../src/processors/interruption.ts'
import { taskFolder } from '../../src/processors/object-paths.ts'
import type { Outcome } from '../../src/processors/outcome.ts'
import type { PayingStage } from '../../src/processors/stage-clock.ts'
import type { TaskReference } from '../../src/processors/task.ts'
import { insertTask } from '../setup/task-rows.ts'
import type { Workers } from './workers.ts'

export const USER = 'user-1'
export const GENERATED = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 2 }

/** Attempts at tasks by some workers, and what is left of them. */
export class Attempts {
  readonly #workers: Workers

  constructor(workers: Workers) {
    this.#workers = workers
  }

  generation(): Promise<TaskReference> {
    return insertTask(this.#workers.pool, { userId: USER, fields: GENERATED })
  }

  /** Runs one attempt at the task to its end. */
  run(task: TaskReference, stopping = new Interruption(), registry = this.#workers.worker): Promise<Outcome> {
    return registry.get(task.taskType).process(task, stopping)
  }

  /** Runs an attempt that is interrupted when the model of this stage is called. */
  async upToCall(stage: PayingStage, task: TaskReference): Promise<void> {
    const { hooks } = this.#workers
    const stop = new Interruption()
    hooks.beforeAnswer = (call) => {
      if (call.stage !== stage) return true
      stop.abort(new Error('the worker stops'))
      return false
    }
    await this.#runInterrupted(task, stop)
    hooks.beforeAnswer = () => undefined
  }

  /** Runs an attempt that is interrupted when an object of such a name is stored. */
  async upToObject(name: string, task: TaskReference): Promise<void> {
    const { hooks } = this.#workers
    const stop = new Interruption()
    hooks.beforePut = (path) => {
      if (path.includes(`/${name}`)) stop.abort(new Error('the worker stops'))
    }
    await this.#runInterrupted(task, stop)
    hooks.beforePut = () => undefined
  }

  stagesPaid({ taskId }: TaskReference): PayingStage[] {
    return this.#workers.calls.filter((call) => call.taskId === taskId).map(({ stage }) => stage)
  }

  /** None where the folder is gone, as it is with its last file. */
  async filesOf({ taskId }: TaskReference): Promise<string[]> {
    const folder = join(this.#workers.folder, taskFolder(USER, taskId))
    return existsSync(folder) ? readdir(folder) : []
  }

  async completed({ taskId }: TaskReference): Promise<TaskView> {
    const view = await readTaskView(this.#workers.pool, taskId)
    if (view?.status !== 'completed') throw new Error(`not completed, but ${view?.status}`)
    return view
  }

  async rowsLeft({ taskId }: TaskReference): Promise<{ checkpoints: string; folders: string } | undefined> {
    const { rows } = await this.#workers.pool.query<{ checkpoints: string; folders: string }>(
      `SELECT (SELECT count(*) FROM task_checkpoints WHERE task_id = $1) AS checkpoints,
              (SELECT count(*) FROM task_folders WHERE task_id = $1) AS folders`,
      [taskId],
    )
    return rows[0]
  }

  async #runInterrupted(task: TaskReference, stop: Interruption): Promise<void> {
    const { kind } = await this.run(task, stop)
    if (kind !== 'interrupted') throw new Error(`not interrupted, but ${kind}`)
  }
}

/** The names of the objects that a task's concept names. */
export const namesOf = ({ concept }: TaskView): string[] =>
  [concept!.imagePath, ...concept!.variations.map(({ imagePath }) => imagePath)].map((path) => basename(path))
