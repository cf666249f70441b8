import { Failure } from './failure.ts'

/** Ends an attempt whose checkpoint was refused: the claim is lost, and whatever it goes on to write is refused too. */
export function keptOrLost(isKept: boolean): void {
  if (!isKept) throw new Failure('internal', 'the claim was lost before its result could be kept')
}
