import { ClaimLost } from './task.ts'

/** Ends an attempt whose checkpoint was refused: the claim is lost. Its signal knows how, if not by being taken. */
export function keptOrLost(isKept: boolean): void {
  if (!isKept) throw new ClaimLost('taken')
}
