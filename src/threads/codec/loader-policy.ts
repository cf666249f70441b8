import sharp from 'sharp'

/** What may be decoded: three formats, from memory only. The names are libvips' own. */
const ALLOWED_LOADERS = ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer']

let areClosed = false

/**
 * Blocks every loader but those of PNG, JPEG and WebP in memory, for the whole process. It is for the main thread, before
 * any other decodes: for a moment all of them are closed, and a picture that is being opened then would count as
 * damaged. libvips ignores a misspelt name without a word, so the tests try each kind of file.
 */
export function closeLoaders(): void {
  if (areClosed) return
  areClosed = true
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ALLOWED_LOADERS })
}

/**
 * One libvips thread an image and no cache, since parallelism comes from images. It is for every thread: each that loads
 * sharp switches the cache on for all.
 */
export function limitCodecs(): void {
  sharp.concurrency(1)
  sharp.cache(false)
}
