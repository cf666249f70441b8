import { Failure } from '../../processors/failure.ts'
import type { ImageStore } from '../../processors/services.ts'
import type { EncodedImage, HexColor } from '../../threads/protocol.ts'
import type { ConceptView, TaskView } from '../concepts/task-view.ts'
import type { ThreadPool } from '../pool/thread-pool.ts'

const THUMBNAIL_SIDE_PX = 320
const CELL_PX = 220
const MAX_PICTURE_BYTES = 64 * 1024 * 1024

/** The stored pictures of all tasks, read from the store, by their paths. */
export async function readPictures(
  tasks: readonly TaskView[],
  store: Pick<ImageStore, 'get'>,
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const wanted = conceptsOf(tasks).flatMap((concept) => [concept, ...concept.variations])
  const entries = wanted.map(async ({ imagePath }) => {
    const bytes = await store.get(imagePath, MAX_PICTURE_BYTES, signal)
    if (!bytes) throw new Failure('storage', 'a picture that was stored is not there')
    return [imagePath, bytes] as const
  })
  return new Map(await Promise.all(entries))
}

/** Small versions of the pictures as data URIs, by the same paths. */
export async function makeThumbnails(
  pictures: ReadonlyMap<string, Uint8Array>,
  threads: ThreadPool,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const entries = [...pictures].map(async ([path, encoded]) => {
    const { value } = await threads.run('createThumbnail', { encoded, sidePx: THUMBNAIL_SIDE_PX }, signal)
    return [path, dataUri(value)] as const
  })
  return new Map(await Promise.all(entries))
}

/** One row for each concept: what was asked for, its base image, then its variations with their palettes. Answers a PNG. */
export async function drawContactSheet(
  tasks: readonly TaskView[],
  pictures: ReadonlyMap<string, Uint8Array>,
  threads: ThreadPool,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const picture = ({ imagePath }: { imagePath: string }) => pictures.get(imagePath) ?? new Uint8Array()
  const rows = conceptsOf(tasks).map((concept) => ({
    title: titleOf(concept),
    base: picture(concept),
    swatches: concept.swatches.map(({ hex }): HexColor => hex),
    variations: concept.variations.map((variation) => ({
      encoded: picture(variation),
      paletteName: variation.paletteName,
      colors: variation.colors,
    })),
  }))
  const { value } = await threads.run('composeContactSheet', { rows, cellPx: CELL_PX }, signal)
  return value.bytes
}

/** As the user has put it. */
function titleOf({ logoDescription, refinementPrompt }: ConceptView): string {
  if (refinementPrompt === null) return logoDescription
  return `refinement of ${logoDescription || 'an image'}: ${refinementPrompt}`
}

function conceptsOf(tasks: readonly TaskView[]): ConceptView[] {
  return tasks.flatMap(({ concept }) => (concept ? [concept] : []))
}

function dataUri({ bytes, contentType }: EncodedImage): string {
  return `data:${contentType};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`
}
