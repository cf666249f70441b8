import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresService } from './postgres-service.ts'
import type { PubSubService } from './pubsub-service.ts'
import type { Random } from './random.ts'
import type { WorkerFleet } from './worker-fleet.ts'

export type Fault = {
  /** Part of the run's time. */
  readonly at: number
  readonly kind: 'SIGKILL' | 'SIGTERM' | 'postgres' | 'pubsub'
}

const POSTGRES_KILLS = 2
const PUBSUB_RESTARTS = 1

/** The same faults for the same sequence of numbers. */
export function planFaults(workerEnds: number, random: Random): Fault[] {
  const within = () => random.between(0.1, 0.95)
  const ends = Array.from({ length: workerEnds }, (_, i): Fault => {
    return { at: within(), kind: i % 2 === 0 ? 'SIGKILL' : 'SIGTERM' }
  })
  // Apart from each other, so that each finds the service at work.
  const postgres = Array.from({ length: POSTGRES_KILLS }, (_, i): Fault => {
    return { at: (i + random.between(0.3, 0.7)) / POSTGRES_KILLS, kind: 'postgres' }
  })
  const pubsub = Array.from({ length: PUBSUB_RESTARTS }, (): Fault => ({ at: within(), kind: 'pubsub' }))
  return [...ends, ...postgres, ...pubsub].toSorted((a, b) => a.at - b.at)
}

type Victims = {
  readonly fleet: WorkerFleet
  readonly postgres: PostgresService
  readonly pubsub: PubSubService
}

/** Brings the faults about, each at its time; resolves when the last one is over. */
export async function bringAbout(
  faults: readonly Fault[],
  durationMs: number,
  { fleet, postgres, pubsub }: Victims,
  random: Random,
  say: (text: string) => void,
): Promise<void> {
  const startMs = performance.now()
  const underWay: Promise<unknown>[] = []
  for (const { at, kind } of faults) {
    await delay(Math.max(0, startMs + at * durationMs - performance.now()))
    const place = Math.floor(random.next() * fleet.size)
    if (kind === 'postgres') {
      say('Postgres is killed')
      await postgres.killAndRestart()
    } else if (kind === 'pubsub') {
      say('Pub/Sub forgets everything')
      await pubsub.restartEmpty()
    } else {
      const victim = fleet.end(place, kind)
      say(victim ? `${kind} to worker ${victim.place}` : `no ${kind}: every worker is ending already`)
      if (victim) underWay.push(victim.gone)
    }
  }
  await Promise.all(underWay)
}
