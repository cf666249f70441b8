import type { Palette } from '../threads/protocol.ts'
import { keptOrLost } from './kept-or-lost.ts'
import { wholePalettes } from './palette-selection.ts'
import type { CheckpointLedger } from './services.ts'
import type { Steps } from './stage-clock.ts'
import type { ClaimedTask } from './task.ts'

/** Palettes of the model, paid for once: the whole ones among those it suggested are kept. */
export class PaidPalettes {
  readonly #checkpoints: CheckpointLedger

  constructor(checkpoints: CheckpointLedger) {
    this.#checkpoints = checkpoints
  }

  /** What an earlier attempt has paid for; null where there is nothing. */
  async resume(
    askedFor: string,
    count: number,
    task: ClaimedTask,
    steps: Steps,
  ): Promise<readonly Palette[] | null> {
    const kept = (await this.#checkpoints.find(task, 'generate_palettes', askedFor))?.value
    if (!kept) return null
    steps.resumed()
    return wholePalettes(kept, count)
  }

  /** Calls the model, and keeps at most `count` of its palettes. */
  async obtain(
    askedFor: string,
    count: number,
    task: ClaimedTask,
    steps: Steps,
    call: (onStart: () => void) => Promise<readonly unknown[]>,
  ): Promise<readonly Palette[]> {
    const suggested = await steps.inTurn('suggest', null, call)
    const value = wholePalettes(suggested, count)
    await steps.run('keep', null, async () =>
      keptOrLost(await this.#checkpoints.keep(task, { stage: 'generate_palettes', askedFor, value })),
    )
    return value
  }
}
