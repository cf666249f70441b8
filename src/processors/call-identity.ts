import { hash } from 'node:crypto'
import type { PayingStage } from './stage-clock.ts'
import type { ClaimedTask } from './task.ts'

/**
 * What makes a model call the one that it is. The same attempt of a task, begun again after an interruption, makes the
 * same call; so does one whose call was lost with its thread. Another attempt makes another one: it asks with a new seed, and a server that remembers its answers by
 * their key would give it the old one, which may be why there is another attempt.
 */
export type CallIdentity = {
  /** 31-bit: every model endpoint takes those. */
  readonly seed: number
  /** `TASK/STAGE/ATTEMPT` */
  readonly idempotencyKey: string
}

export function callIdentity(task: Pick<ClaimedTask, 'id' | 'attempt'>, stage: PayingStage): CallIdentity {
  return {
    seed: hash('sha256', `${task.id}/${task.attempt}`, 'buffer').readUInt32BE() >>> 1,
    idempotencyKey: `${task.id}/${stage}/${task.attempt}`,
  }
}
