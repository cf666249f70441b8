import sharp from 'sharp'

/** What may be decoded: three formats, from memory only. The names are libvips' own. */
const ALLOWED_LOADERS = ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer']

/**
 * Sets sharp up for a pool thread: one libvips thread an image and no cache, since parallelism comes from
 * images; and every loader blocked but those of PNG, JPEG and WebP in memory. The block holds for the whole
 * process and may be set any number of times. libvips ignores a misspelt name without a word, so the tests
 * try each kind of file.
 */
export function applyLoaderPolicy(): void {
  sharp.concurrency(1)
  sharp.cache(false)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ALLOWED_LOADERS })
}
