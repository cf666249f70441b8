/**
 * What a processor needs of the world, and nothing more. The main thread hands in what fits; so can a test.
 * Each of these throws a Failure, or the signal's own reason once the signal is aborted.
 */
import type {
  EncodedImage,
  ImageAnalysis,
  ImageInHand,
  Palette,
  PaletteColors,
  RegionAnalysis,
  Swatch,
} from '../threads/protocol.ts'
import type { CallIdentity } from './call-identity.ts'
import type { Failure } from './failure.ts'
import type { ImageKind } from './image-kind.ts'
import type { PayingStage, StageTiming, Timed } from './stage-clock.ts'
import type { ClaimedTask, ClaimResult, TaskReference } from './task.ts'

/**
 * The task's row. Every write answers false when the claim is lost; nothing was written then, and the claim's signal
 * says how it was lost, as far as can be known.
 */
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

/** An image in the store, as it was when it was kept. */
export type KeptImage = {
  readonly path: string
  /** Lower-case hex. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly contentType: ImageKind
}

/** `askedFor` is a digest of what the model was asked for. */
export type Checkpoint = { readonly stage: PayingStage; readonly askedFor: string } & (
  | { readonly image: KeptImage; readonly value?: never }
  | { readonly value: readonly unknown[]; readonly image?: never }
)

/** What the stages of a task have paid for, kept until the task ends. */
export interface CheckpointLedger {
  /** What an earlier attempt has kept of this stage, if it was asked for the same; null otherwise. */
  find(task: ClaimedTask, stage: PayingStage, askedFor: string): Promise<Checkpoint | null>
  /** Replaces an older one of the same stage. False when the claim is lost; nothing was written then. */
  keep(task: ClaimedTask, checkpoint: Checkpoint): Promise<boolean>
  /** Takes back what has turned out to be no result. False when the claim is lost. */
  forget(task: ClaimedTask, stage: PayingStage): Promise<boolean>
}

/** The list of the tasks whose folder in the image store has to be tidied up when they end. */
export interface FolderLedger {
  /** Before anything is stored. Answers the entry. */
  open(task: ClaimedTask): Promise<string>
  /** By whoever lost a claim: it may have stored something since. Fails soon where the database does not answer. */
  reopen(task: ClaimedTask): Promise<void>
  /** After the folder has been tidied up; does nothing where it was opened again since `entry`. */
  close(task: ClaimedTask, entry: string): Promise<void>
}

/** `onStart` is called when the call is made: until then it waited for its turn. */
export interface ImageModels {
  generateImage(
    request: CallIdentity & { readonly prompt: string },
    signal: AbortSignal,
    onStart?: () => void,
  ): Promise<Uint8Array<ArrayBuffer>>
  /** May take the memory of the image along: nobody needs it after the call. */
  refineImage(
    request: CallIdentity & { readonly image: EncodedImage; readonly prompt: string },
    signal: AbortSignal,
    onStart?: () => void,
  ): Promise<Uint8Array<ArrayBuffer>>
}

export type PaletteRequest = CallIdentity & {
  readonly logoDescription: string
  readonly themeDescription: string
  readonly swatches: readonly Swatch[]
  readonly count: number
}

export interface PaletteModel {
  /** The answer's list of palettes, each still unchecked. */
  suggestPalettes(
    request: PaletteRequest,
    signal: AbortSignal,
    onStart?: () => void,
  ): Promise<readonly unknown[]>
}

/** Pixel work on the pool's threads. */
export interface ImageWork {
  /** For one attempt at a task, which closes it when it has ended. */
  open(): TaskImages
}

/** An image that is decoded and checked. */
export type DecodedImage = {
  readonly image: ImageInHand
  readonly encoded: EncodedImage
  /** Null where it has to be asked for. */
  readonly analysis: Timed<ImageAnalysis> | null
}

/** The pixel work of one task. It may wait for threads, and for memory before it decodes anything. */
export interface TaskImages {
  /** `isAnalysed`: analyses it as well, unless that would keep the thread for too long. */
  prepareImage(encoded: Uint8Array, isAnalysed: boolean, signal: AbortSignal): Promise<Timed<DecodedImage>>
  /**
   * What an edit model gets to see: checked like any image, no larger than such models use, encoded anew and without
   * loss, whatever format is configured.
   */
  shrinkOriginal(encoded: Uint8Array, signal: AbortSignal): Promise<Timed<EncodedImage>>
  analyseImage(image: ImageInHand, signal: AbortSignal): Promise<Timed<ImageAnalysis>>
  createVariation(
    image: ImageInHand,
    regions: RegionAnalysis,
    colors: PaletteColors,
    signal: AbortSignal,
  ): Promise<Timed<EncodedImage>>
  /** Gives back the memory of its images, which are not used any more. */
  close(): void
}

/** An image file as it is stored. */
export type ImageFile = {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: ImageKind
  /** Nobody needs the bytes any more: whoever gets them may take their memory along. */
  readonly isGivenAway?: boolean
}

export interface ImageStore {
  /** Replaces an object of the same path; a reader sees the old one or the new one, never a part. */
  put(path: string, image: ImageFile, signal: AbortSignal): Promise<StoredObject>
  /** An object's bytes, or null where there is none. One that is larger is an `invalid_image`. */
  get(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null>
  /**
   * Removes all objects of a folder but these, and what an interrupted writer left there unfinished. The folder ends
   * with a slash; one that is not there is as it should be.
   */
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
  /** The object's path where the URL is that of an image of ours, else null. */
  pathOf(url: string): string | null
}

export interface TaskLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  debug(fields: object, message: string): void
}

/** Hears of every stage, and of every step of one, as it ends. */
export interface StageMeter {
  stageEnded(timing: StageTiming): void
}

/** All services of a processor. */
export type Services = {
  readonly tasks: TaskLedger
  readonly concepts: ConceptArchive
  readonly checkpoints: CheckpointLedger
  readonly folders: FolderLedger
  readonly models: ImageModels & PaletteModel
  readonly images: ImageWork
  readonly store: ImageStore
  readonly originals: OriginalImages
  readonly log: TaskLog
  readonly meter: StageMeter
}
