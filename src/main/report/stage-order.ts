import type { StageName } from '../../processors/stage-clock.ts'

const PLACES: Readonly<Record<StageName, number>> = {
  generate_image: 1,
  fetch_original: 2,
  refine_image: 3,
  prepare_image: 4,
  store_image: 5,
  generate_palettes: 6,
  create_variations: 7,
  store_concept: 8,
}

const PLACE_OF = new Map<string, number>(Object.entries(PLACES))

/** What a stage gets that this version does not know: a place behind all others. */
export const UNKNOWN_PLACE = PLACE_OF.size + 1

/** The place of a stage on the way of a task, from 1. */
export function placeOfStage(stage: string): number {
  return PLACE_OF.get(stage) ?? UNKNOWN_PLACE
}
