import type { HexColor } from '../../../../threads/protocol.ts'
import type { Pen } from './pen.ts'

/**
 * Where a motif goes when it accompanies another one: behind its top (a sun), over it (a crown), under it (a
 * wave), or beside it.
 */
export type Companionship = 'behind' | 'above' | 'below' | 'beside'

/** A subject that a logo can show. */
export type Motif = {
  readonly name: string
  /** Words of a prompt that mean it, in the singular, separated by spaces. */
  readonly words: string
  /** Colours that the subject has by nature: the figure, a second colour, an accent. */
  readonly colors: readonly [HexColor, HexColor, HexColor]
  readonly accompanies: Companionship
  /** Room for another motif inside this one: the centre and half the side of a square. */
  readonly inset?: { readonly x: number; readonly y: number; readonly reach: number }
  /** SVG between -100 and 100 on both axes, centred. */
  readonly draw: (pen: Pen) => string
}
