import type { Pool } from 'pg'
import { EXIT } from '../src/main/commands/exit-codes.ts'
import type { PaidCall } from './faulty-models.ts'
import type { StoredObjects } from './stored-objects.ts'
import type { HandedIn } from './task-flow.ts'
import { readWitness, type WitnessedEvent } from './witness.ts'
import type { WorkerEnd } from './worker-fleet.ts'

/** What the run is judged by; all but the last two have to be 0. */
export type Findings = {
  /** Tasks without an end. */
  readonly lost: number
  readonly duplicateConcepts: number
  /** Completed tasks whose concept or variations are not exactly what was asked for, or whose objects are not whole. */
  readonly wrongVariations: number
  readonly orphanObjects: number
  readonly staleWrites: number
  /** Model results that were paid for although the task had one already. */
  readonly paidTwice: number
  readonly healthyFailed: number
  readonly reclaimMs: { readonly p50: number | null; readonly p95: number | null }
  /** A line for everything that must not be. */
  readonly violations: readonly string[]
}

export type Evidence = {
  readonly pool: Pool
  readonly objects: StoredObjects
  readonly handedIn: readonly HandedIn[]
  readonly garbage: number
  readonly paid: readonly PaidCall[]
  readonly ends: readonly WorkerEnd[]
}

type TaskRow = {
  id: string
  status: string
  error_code: string | null
  error_message: string | null
  result_id: string | null
}
type ConceptRow = { id: string; task_id: string; image_path: string; variation_paths: string[] }

/** Postgres keeps no more of a connection's name. */
const MAX_NAME_CHARACTERS = 63

const TERMINAL = ['completed', 'failed', 'cancelled']

export async function judge(evidence: Evidence): Promise<Findings> {
  const { pool, objects, handedIn } = evidence
  const tasks = new Map((await pool.query<TaskRow>('SELECT * FROM tasks')).rows.map((row) => [row.id, row]))
  const { rows: concepts } = await pool.query<ConceptRow>(
    `SELECT id, task_id, image_path,
            ARRAY(SELECT image_path FROM color_variations WHERE concept_id = concepts.id) AS variation_paths
     FROM concepts`,
  )
  const events = await readWitness(pool)

  const lost = handedIn.filter(({ taskId }) => !TERMINAL.includes(tasks.get(taskId)?.status ?? 'missing'))
  const wrongEnds = handedIn.filter(({ taskId, plan }) => {
    const status = tasks.get(taskId)?.status ?? 'missing'
    return TERMINAL.includes(status) && status !== plan.expected
  })
  const duplicates = concepts.length - new Set(concepts.map((concept) => concept.task_id)).size
  const wrong = await wrongConcepts(handedIn, tasks, concepts, objects)
  const orphans = await orphanObjects(concepts, objects)
  const stale = events.filter((event) => isStale(event))
  const twice = paidTwice(evidence.paid, events)
  const unclean = evidence.ends.filter((end) => !isClean(end))
  const quarantined = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM quarantined_messages',
  )
  // Fewer is right as well: what a broker has forgotten nobody can keep.
  const garbageKept = quarantined.rows[0]?.count ?? 0
  const reclaims = reclaimTimes(evidence.ends, events)
  return {
    lost: lost.length,
    duplicateConcepts: duplicates,
    wrongVariations: wrong.length,
    orphanObjects: orphans.length,
    staleWrites: stale.length,
    paidTwice: twice.length,
    healthyFailed: wrongEnds.filter(({ plan }) => plan.expected === 'completed').length,
    reclaimMs: { p50: quantile(reclaims, 0.5), p95: quantile(reclaims, 0.95) },
    violations: [
      ...lost.map(
        ({ taskId }) => `task ${taskId} has no end: it is ${tasks.get(taskId)?.status ?? 'missing'}`,
      ),
      ...wrongEnds.map(({ taskId, plan }) => {
        const { status, error_code: code, error_message: message } = tasks.get(taskId)!
        return `task ${taskId} is ${status} and not ${plan.expected}: ${code ?? ''} ${message ?? ''}`
      }),
      ...(duplicates > 0 ? [`${duplicates} tasks have more than one concept`] : []),
      ...wrong,
      ...orphans.map((key) => `object ${key} belongs to no concept`),
      ...stale.map(
        ({ taskId, kind, claimant, writer }) =>
          `${writer} wrote "${kind}" of task ${taskId}, which ${claimant} held`,
      ),
      ...twice,
      ...unclean.map(
        ({ pid, code, signal, asked, lastError }) =>
          `worker ${pid} ended with ${code ?? signal} after ${asked ?? 'nothing'}: ${lastError}`,
      ),
      ...(garbageKept <= evidence.garbage
        ? []
        : [`${garbageKept} messages are quarantined of ${evidence.garbage} that nobody can read`]),
    ],
  }
}

async function wrongConcepts(
  handedIn: readonly HandedIn[],
  tasks: ReadonlyMap<string, TaskRow>,
  concepts: readonly ConceptRow[],
  objects: StoredObjects,
): Promise<string[]> {
  const byTask = new Map(concepts.map((concept) => [concept.task_id, concept]))
  const wrong: string[] = []
  for (const { taskId, plan } of handedIn) {
    const task = tasks.get(taskId)
    const concept = byTask.get(taskId)
    if (task?.status !== 'completed') {
      if (concept) wrong.push(`task ${taskId} is not completed and has a concept`)
      continue
    }
    if (!concept || concept.id !== task.result_id) {
      wrong.push(`task ${taskId} is completed without its concept`)
      continue
    }
    if (concept.variation_paths.length !== plan.variations) {
      wrong.push(`task ${taskId} has ${concept.variation_paths.length} variations and not ${plan.variations}`)
    }
    for (const key of [concept.image_path, ...concept.variation_paths]) {
      if (!(await objects.isWhole(key))) wrong.push(`object ${key} of task ${taskId} is missing or broken`)
    }
  }
  return wrong
}

async function orphanObjects(concepts: readonly ConceptRow[], objects: StoredObjects): Promise<string[]> {
  const named = new Set(concepts.flatMap((concept) => [concept.image_path, ...concept.variation_paths]))
  return (await objects.list()).filter((key) => !named.has(key))
}

/** Who ends a task, stores its concept or keeps a checkpoint has to be the one that holds the claim at that moment. */
function isStale({ kind, claimant, writer }: WitnessedEvent): boolean {
  return kind !== 'claimed' && claimant?.slice(-MAX_NAME_CHARACTERS) !== writer
}

/** A key begins with task and stage, and a checkpoint is named by its stage. */
function paidTwice(paid: readonly PaidCall[], events: readonly WitnessedEvent[]): string[] {
  const keptAtMs = new Map<string, number>()
  for (const { kind, taskId, what, atMs } of events) {
    const name = `${taskId}/${what}`
    if (kind === 'checkpoint' && !keptAtMs.has(name)) keptAtMs.set(name, atMs)
  }
  return paid.flatMap(({ idempotencyKey, atMs }) => {
    const [task, stage] = idempotencyKey.split('/')
    const kept = keptAtMs.get(`${task}/${stage}`)
    return kept !== undefined && atMs > kept ? [`${stage} of task ${task} was paid for again`] : []
  })
}

/**
 * One that finds no Postgres at its start says so and ends; its supervisor starts it again. One that is asked to stop
 * while Node still loads it has nothing to drain, and nothing that listens to the signal.
 */
function isClean({ asked, code, signal, hadStarted }: WorkerEnd): boolean {
  if (asked === 'SIGKILL') return signal === 'SIGKILL'
  if (asked === 'SIGTERM' && code === 0) return true
  return !hadStarted && (code === EXIT.unavailable || (asked !== null && signal === asked))
}

/** From each kill to the next claim of each task that the killed worker held. */
function reclaimTimes(ends: readonly WorkerEnd[], events: readonly WitnessedEvent[]): number[] {
  return ends
    .filter(({ asked }) => asked === 'SIGKILL')
    .flatMap(({ pid, atMs }) => {
      const held = new Set<string>()
      for (const event of events) {
        if (event.atMs > atMs) break
        if (event.kind === 'claimed' && pidOf(event.claimant) === pid) held.add(event.taskId)
        else if (event.kind === 'claimed' || event.kind === 'ended') held.delete(event.taskId)
      }
      return [...held].flatMap((taskId) => {
        const next = events.find(
          (event) => event.taskId === taskId && event.kind === 'claimed' && event.atMs > atMs,
        )
        return next ? [next.atMs - atMs] : []
      })
    })
}

/** A worker's name is HOST/PID/RANDOM. */
const pidOf = (worker: string | null) => Number(worker?.split('/').at(-2))

function quantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
  return value === undefined ? null : Math.round(value)
}
