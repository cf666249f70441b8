import type { ImageModels, PaletteModel } from '../../processors/services.ts'
import type { PlainFailure } from './plain-failure.ts'

/** What goes into the thread that calls the models, and what comes out. */

export type ModelRequests = {
  readonly generateImage: Parameters<ImageModels['generateImage']>[0]
  readonly refineImage: Parameters<ImageModels['refineImage']>[0]
  readonly suggestPalettes: Parameters<PaletteModel['suggestPalettes']>[0]
}

export type ModelCall = {
  [C in keyof ModelRequests]: {
    readonly call: C
    /** Names the call in its answer, and where it is cancelled. */
    readonly id: number
    readonly request: ModelRequests[C]
  }
}[keyof ModelRequests]

export type ModelMessage = ModelCall | { readonly call: 'cancel'; readonly id: number }

/** Palettes come as JSON: nobody has checked them yet, and they may nest deeper than a structured clone can follow. */
export type ModelAnswer = { readonly id: number } & (
  | { readonly ok: true; readonly value: Uint8Array<ArrayBuffer> | string }
  | { readonly ok: false; readonly failure: PlainFailure }
)
