/**
 * What a processor needs of the world, and nothing more. The main thread hands in what fits; so can a test.
 * Each of these throws a Failure, or the signal's own reason once the signal is aborted.
 */
import type {
  EncodedImage,
  ImageAnalysis,
  Palette,
  PaletteColors,
  RegionAnalysis,
  SharedImage,
  Swatch,
} from '../threads/protocol.ts'
import type { Failure } from './failure.ts'
import type { StageTiming, Timed } from './stage-clock.ts'
import type { ClaimedTask, ClaimResult, TaskReference } from './task.ts'

/** The task's row. Every write answers false when the claim is lost; nothing was written then. */
export interface TaskLedger {
  claim(reference: TaskReference): Promise<ClaimResult>
  fail(task: ClaimedTask, failure: Failure, timings: readonly StageTiming[]): Promise<boolean>
  retry(
    task: ClaimedTask,
    failure: Failure,
    afterMs: number,
    timings: readonly StageTiming[],
  ): Promise<boolean>
  /** Back to pending at once, with the attempt given back. */
  release(task: ClaimedTask, timings: readonly StageTiming[]): Promise<boolean>
}

export type StoredObject = { readonly path: string; readonly url: string }

export type FinishedVariation = { readonly palette: Palette; readonly stored: StoredObject }

/** Everything that one transaction stores when a task has done its work. */
export type FinishedConcept = {
  readonly logoDescription: string
  readonly themeDescription: string
  readonly isAnonymous: boolean
  readonly stored: StoredObject
  readonly swatches: readonly Swatch[]
  readonly variations: readonly FinishedVariation[]
  readonly refinement: {
    readonly prompt: string
    readonly originalImageUrl: string
    readonly originalConceptId: string | null
  } | null
}

/** What a refinement takes over from the concept that it started from. */
export type OriginalConcept = {
  readonly id: string
  readonly logoDescription: string
  readonly themeDescription: string
  readonly isAnonymous: boolean
}

export interface ConceptArchive {
  /**
   * Stores the concept and its variations, completes the task and stores its timings, all or nothing. Answers
   * the concept's id, or null when the claim is lost. `timings` is read last.
   */
  complete(
    task: ClaimedTask,
    concept: FinishedConcept,
    timings: () => readonly StageTiming[],
  ): Promise<string | null>
  /** The user's own concept that an image belongs to, as its base or one of its variations. */
  findByImagePath(userId: string, path: string): Promise<OriginalConcept | null>
}

export interface ImageModels {
  generateImage(request: { prompt: string; seed: number }, signal: AbortSignal): Promise<Uint8Array>
  refineImage(
    request: { image: EncodedImage; prompt: string; seed: number },
    signal: AbortSignal,
  ): Promise<Uint8Array>
}

export type PaletteRequest = {
  readonly logoDescription: string
  readonly themeDescription: string
  readonly swatches: readonly Swatch[]
  readonly count: number
  readonly seed: number
}

export interface PaletteModel {
  /** The answer's list of palettes, each still unchecked. */
  suggestPalettes(request: PaletteRequest, signal: AbortSignal): Promise<readonly unknown[]>
}

/** Pixel work on the pool's threads. */
export interface ImageWork {
  /** For one attempt at a task, which closes it when it has ended. */
  open(): TaskImages
}

/** The pixel work of one task. It may wait for threads, and for memory before it decodes anything. */
export interface TaskImages {
  prepareImage(
    encoded: Uint8Array,
    signal: AbortSignal,
  ): Promise<Timed<{ image: SharedImage; encoded: EncodedImage }>>
  /** What an edit model gets to see: checked like any image, no larger than such models use, encoded anew. */
  shrinkOriginal(encoded: Uint8Array, signal: AbortSignal): Promise<Timed<EncodedImage>>
  analyseImage(image: SharedImage, signal: AbortSignal): Promise<Timed<ImageAnalysis>>
  createVariation(
    image: SharedImage,
    regions: RegionAnalysis,
    colors: PaletteColors,
    signal: AbortSignal,
  ): Promise<Timed<EncodedImage>>
  /** Gives back the memory of its images, which are not used any more. */
  close(): void
}

export interface ImageStore {
  /** Replaces an object of the same path; a reader sees the old one or the new one, never a part. */
  put(path: string, image: EncodedImage, signal: AbortSignal): Promise<StoredObject>
  /** Removes all objects of a folder but these, and what an interrupted writer left there unfinished. */
  keepOnly(folder: string, paths: readonly string[]): Promise<void>
}

/** The image that a refinement starts from, wherever its URL points. */
export interface OriginalImages {
  /** `path` is the object's path where the image is one of ours, else null. */
  fetch(
    url: string,
    userId: string,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly path: string | null }>
}

export interface TaskLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  debug(fields: object, message: string): void
}

/** All services of a processor. */
export type Services = {
  readonly tasks: TaskLedger
  readonly concepts: ConceptArchive
  readonly models: ImageModels & PaletteModel
  readonly images: ImageWork
  readonly store: ImageStore
  readonly originals: OriginalImages
  readonly log: TaskLog
}
