import type { Logger } from 'pino'
import { SETTLING_MS } from './intake/subscriber.ts'
import type { TaskRunner } from './intake/task-runner.ts'
import { Shutdown } from './shutdown.ts'

/** Beyond the drain itself: time to write the releases and to give the messages back. */
const SETTLE_MS = 6_000
/** Of that, what is left for the releases once the messages have been given back. */
const RELEASE_MS = 1_000
/** After both, for connections and threads to be closed. */
const CLOSE_MS = 2_000

type Ends = () => Promise<unknown>

/** What ends with a worker, in the order in which it does; the names are those in the log. */
export type WorkerParts = {
  /** Take in or look for work. They stop first, and settle while tasks end. */
  readonly intake: Readonly<Record<string, Ends>>
  /** Gives back what was delivered and not begun, within the time. */
  readonly subscription: { stop(boundMs: number): Promise<unknown> }
  readonly tasks: Pick<TaskRunner, 'drain' | 'inHand'>
  readonly leases: { stop(): Promise<unknown> }
  /** Calls that tasks have given up. */
  readonly models: { stop(): void }
  /** Connections and threads. */
  readonly closing: Readonly<Record<string, Ends>>
}

/**
 * Ends a worker: no more work, tasks in hand end within the drain or are released, then everything is closed. Resolves with
 * the names of the parts that hang, at the latest 8 s after the drain.
 */
export async function endWorker(
  { intake, subscription, tasks, leases, models, closing }: WorkerParts,
  drainTimeoutMs: number,
  log: Logger,
): Promise<readonly string[]> {
  log.info({ drainTimeoutMs }, 'draining')
  const settling = new Shutdown(drainTimeoutMs + SETTLE_MS, log)
  const takingIn = [
    ...Object.entries(intake).map(([name, stop]) => settling.part(name, stop)),
    settling.part('subscription', () =>
      subscription.stop(drainTimeoutMs + SETTLE_MS - SETTLING_MS - RELEASE_MS),
    ),
  ]
  await settling.part('tasks', () => tasks.drain(drainTimeoutMs))
  await Promise.all(takingIn)
  await settling.part('leases', () => leases.stop())
  models.stop()
  const closed = new Shutdown(CLOSE_MS, log)
  await Promise.all(Object.entries(closing).map(([name, close]) => closed.part(name, close)))
  const left = [...settling.end(), ...closed.end()]
  if (left.length === 0) log.info('stopped')
  else log.error({ left, tasks: tasks.inHand }, 'stopped in the end, with parts that hang')
  return left
}
