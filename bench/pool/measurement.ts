import { MeasuringProcess } from '../measuring-process.ts'
import type { Contender } from './contenders.ts'
import type { Run, RunOrder } from './contender-process.ts'

export type Measurement = {
  readonly contender: Contender
  readonly sidePx: number
  readonly runs: readonly Run[]
}

const ENTRY = new URL('contender-process.ts', import.meta.url)
/** Every thread compiles the code for itself. */
const WARM_UP_MS = 5_000

/** Runs all contenders in turns, `rounds` times, so that what else happens on the machine meets each of them. */
export async function measureContenders(
  contenders: readonly Contender[],
  sidesPx: readonly number[],
  { rounds, durationMs }: { readonly rounds: number; readonly durationMs: number },
  say: (text: string) => void,
): Promise<Measurement[]> {
  const processes = contenders.map((contender) => ({
    contender,
    process: new MeasuringProcess<RunOrder, Run>(ENTRY, contender.env),
  }))
  try {
    const measurements: Measurement[] = []
    for (const sidePx of sidesPx) {
      const runs = processes.map((): Run[] => [])
      for (let round = 0; round <= rounds; round++) {
        for (const [i, { contender, process }] of processes.entries()) {
          const run = await process.ask({
            contender,
            sidePx,
            durationMs: round === 0 ? WARM_UP_MS : durationMs,
          })
          if (round > 0) runs[i]!.push(run)
        }
        say(round === 0 ? `${sidePx} px  warmed up\n` : `${sidePx} px  round ${round} of ${rounds}\n`)
      }
      measurements.push(...contenders.map((contender, i) => ({ contender, sidePx, runs: runs[i]! })))
    }
    return measurements
  } finally {
    await Promise.all(processes.map(({ process }) => process.stop()))
  }
}
