import { setTimeout as delay } from 'node:timers/promises'
import type { EncodedImage, ImageAnalysis, ImageInHand } from '../threads/protocol.ts'
import type { Attempt } from './base.ts'
import { sha256Of } from './digest.ts'
import { Failure } from './failure.ts'
import { imageKindOf, type ImageKind } from './image-kind.ts'
import { keptOrLost } from './kept-or-lost.ts'
import { paidImagePath } from './object-paths.ts'
import type { ImageFile, KeptImage, Services } from './services.ts'
import type { PayingStage } from './stage-clock.ts'

/** A model's image, checked and decoded. */
export type PreparedImage = {
  readonly image: ImageInHand
  readonly encoded: EncodedImage
  /** Of the bytes that the model answered with. */
  readonly digest: string
  /** Null where it has to be asked for. */
  readonly analysis: ImageAnalysis | null
}

/** What is paid for, and by which stage. */
export type ImageOrder = {
  readonly stage: Exclude<PayingStage, 'generate_palettes'>
  /** A digest of what the model is asked for. */
  readonly askedFor: string
  /** Palettes and variations are to be made from the image. */
  readonly isAnalysed: boolean
}

/** After these pauses an image is stored again that has been paid for and that the store did not take. */
const STORE_AGAIN_AFTER_MS = [500, 1_000, 2_000]
/** What asks for more patience than this is left to another attempt, which pays again. */
const MAX_STORE_PAUSE_MS = 30_000

/**
 * Images of models, each paid for once. The bytes that a model answered with are kept as they are, before anything
 * else is done with them: nothing is lost by another encoding, and an attempt that is set to another format still
 * goes on from them.
 *
 * Two claims of one task can only have different images where the second found no checkpoint of the first. Only a
 * living claim can write one, and nothing is stored under a concept's own names before it is written; so what a worker
 * stores after it lost its claim is either in an object of its own or the same that its successor stores.
 */
export class PaidImages {
  readonly #services: Pick<Services, 'checkpoints' | 'store' | 'log'>

  constructor(services: Pick<Services, 'checkpoints' | 'store' | 'log'>) {
    this.#services = services
  }

  /** The image that an earlier attempt has paid for; null where there is none that can be used. */
  async resume(order: ImageOrder, attempt: Attempt): Promise<PreparedImage | null> {
    const { stage, askedFor } = order
    const { task, clock, signal } = attempt
    const kept = (await this.#services.checkpoints.find(task, stage, askedFor))?.image
    if (!kept) return null
    try {
      const bytes = await clock.stage(stage, (steps) => {
        steps.resumed()
        return steps.run('read', null, () => this.#read(kept, signal))
      })
      return await this.#prepare(bytes, kept.sha256, order, attempt)
    } catch (error) {
      const isUnusable =
        error instanceof Failure && ['invalid_image', 'invalid_output'].includes(error.category)
      if (!isUnusable) throw error
      this.#services.log.warn({ taskId: task.id, stage, err: error }, 'a kept image cannot be used')
      return null
    }
  }

  /** Calls the model, and keeps what it answers. */
  async obtain(
    order: ImageOrder,
    attempt: Attempt,
    call: (onStart: () => void) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<PreparedImage> {
    const { stage } = order
    const { task, clock } = attempt
    const { bytes, sha256 } = await clock.stage(stage, async (steps) => {
      const bytes = await steps.inTurn('call', null, call)
      const sha256 = await sha256Of(bytes)
      const kind = imageKindOf(bytes)
      // What is no image is no result.
      if (kind) await steps.run('keep', null, () => this.#keep(order, bytes, sha256, kind, attempt))
      return { bytes, sha256 }
    })
    try {
      return await this.#prepare(bytes, sha256, order, attempt)
    } catch (error) {
      if (error instanceof Failure && error.category === 'invalid_output') {
        await this.#services.checkpoints.forget(task, stage)
      }
      throw error
    }
  }

  /** The object first: a checkpoint never names one that is not there in full. */
  async #keep(
    { stage, askedFor }: ImageOrder,
    bytes: Uint8Array<ArrayBuffer>,
    sha256: string,
    contentType: ImageKind,
    attempt: Attempt,
  ): Promise<void> {
    const { task } = attempt
    const path = paidImagePath(task.userId, task.id, stage, task.epoch, contentType)
    await this.#store(path, { bytes, contentType }, attempt)
    const image = { path, sha256, sizeBytes: bytes.byteLength, contentType }
    keptOrLost(await this.#services.checkpoints.keep(task, { stage, askedFor, image }))
  }

  /**
   * A worker that stops still keeps what it has in hand and has paid for, but waits no longer. The store's breaker opens
   * meanwhile where the store is down for everybody; then this waits for that.
   */
  async #store(path: string, image: ImageFile, { task, signal }: Attempt): Promise<void> {
    for (const shortestMs of STORE_AGAIN_AFTER_MS) {
      try {
        await this.#services.store.put(path, image, task.lost)
        return
      } catch (error) {
        if (signal.aborted || !(error instanceof Failure) || !error.retryable) throw error
        const pauseMs = Math.max(shortestMs, error.retryAfterMs ?? 0)
        if (pauseMs > MAX_STORE_PAUSE_MS) throw error
        await delay(pauseMs, undefined, { signal }).catch(() => undefined)
      }
    }
    await this.#services.store.put(path, image, task.lost)
  }

  async #read(kept: KeptImage, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#services.store
      .get(kept.path, kept.sizeBytes, signal)
      .catch((error: unknown) => {
        // Any other error may pass; the model is not paid again for that.
        if (error instanceof Failure && error.category === 'invalid_image') throw unusable(error)
        throw error
      })
    if (!bytes) throw unusable()
    const own = new Uint8Array(bytes)
    if (own.byteLength !== kept.sizeBytes || (await sha256Of(own)) !== kept.sha256) throw unusable()
    return own
  }

  #prepare(
    bytes: Uint8Array,
    digest: string,
    { isAnalysed }: ImageOrder,
    { clock, images, signal }: Attempt,
  ): Promise<PreparedImage> {
    return clock.stage('prepare_image', async (steps) => {
      try {
        const { image, encoded, analysis } = await steps.queued('decode', null, () =>
          images.prepareImage(bytes, isAnalysed, signal),
        )
        if (analysis) steps.took('analyse', null, analysis)
        return { image, encoded, digest, analysis: analysis?.value ?? null }
      } catch (error) {
        if (!(error instanceof Failure) || error.category !== 'invalid_image') throw error
        throw new Failure('invalid_output', `the model's answer is no usable image: ${error.message}`, {
          cause: error,
        })
      }
    })
  }
}

function unusable(cause?: Failure): Failure {
  return new Failure('invalid_image', 'the kept image is missing or damaged', { cause })
}
