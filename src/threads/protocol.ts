/**
 * What goes into an image thread and what comes out: the whole contract between the main thread and the
 * pool. Every value here survives a structured clone; pixels live in shared memory and are never copied
 * between threads.
 */

/** A colour as `#RRGGBB`, upper case. */
export type HexColor = `#${string}`

/** Five colours in the order of their roles: primary, secondary, accent, background, highlight. */
export type PaletteColors = readonly [HexColor, HexColor, HexColor, HexColor, HexColor]

/** A palette that an image can be recoloured with. */
export type Palette = {
  readonly name: string
  readonly description: string
  readonly colors: PaletteColors
  /** True when the palette was derived from the image's own swatches and not suggested by a model. */
  readonly derived: boolean
}

/** The six swatches of node-vibrant; an image that lacks one of the kinds has fewer. */
export type SwatchName = 'Vibrant' | 'DarkVibrant' | 'LightVibrant' | 'Muted' | 'DarkMuted' | 'LightMuted'

export type Swatch = {
  readonly name: SwatchName
  readonly hex: HexColor
  /** Share of the image's opaque pixels behind this swatch, 0 to 1. */
  readonly share: number
}

/** Decoded pixels: 8-bit sRGB, interleaved, rows from the top, alpha not premultiplied. */
export type SharedImage = {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  /** `width * height * channels` bytes. */
  readonly pixels: Uint8Array<SharedArrayBuffer>
}

/** A decoded image as those know it who have jobs done on it. */
export type ImageInHand = Omit<SharedImage, 'pixels'> & {
  /** Null where no job reads them: of an opaque picture that is analysed, variations are made by the analysis alone. */
  readonly pixels: SharedImage['pixels'] | null
}

/** An image file in memory. */
export type EncodedImage = {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: 'image/png' | 'image/webp'
  readonly width: number
  readonly height: number
}

/** What a decoder accepts; anything beyond is refused with `image_too_large`. */
export type ImageLimits = {
  readonly maxPixels: number
  readonly maxSidePixels: number
  /**
   * Pixels that memory has been set aside for, by the file's own header, where somebody counts that. A picture of more
   * is refused with `image_undecodable`: its file says one thing to one reader and another to the next.
   */
  readonly roomForPixels?: number
}

export type OutputFormat =
  | { readonly type: 'png'; /** zlib level, 0 to 9 */ readonly compressionLevel: number }
  | {
      readonly type: 'webp'
      /** 1 to 100 */ readonly quality: number
      /** 0 (fast) to 6 (small) */ readonly effort: number
    }

/** How the variations of an image are made: its analysis then holds what these need, and no more. */
export type VariationKind = {
  /** 0 leaves the image untouched, 1 recolours it in full. */
  readonly strength: number
  readonly format: OutputFormat
}

/** A colour of the image that stands for a region, with all its shades. */
export type Tone = {
  /** OKLab. */
  readonly lab: readonly [lightness: number, greenRed: number, blueYellow: number]
  /** Share of the visible pixels whose colour is nearest to this tone. */
  readonly share: number
}

/** How tones meet in the image: square matrices, row by row, symmetrical. */
export type Adjacency = {
  /** Number of tones. */
  readonly size: number
  /** Share of all mixed pixels that lie between the two tones, 0 to 1. */
  readonly edge: Float64Array
  /** Length of the smooth border between the two tones, in longer sides of the image. */
  readonly ramp: Float64Array
}

/**
 * The few thousand different states that the pixels of an image can be in, in shared memory. All pixels of one
 * node get the same new colour, so a palette needs one calculation a node and one look-up a pixel.
 */
export type RegionNodes = {
  /** One number a node: its mixture of tones, and in the lowest byte its shade. */
  readonly keys: Uint32Array
}

/**
 * What the PNG files of all variations of an opaque image have in common, in shared memory: repetitions lie where nodes
 * repeat, whatever colours these get.
 */
export type FileOutline = {
  /** What a file is made of, in its order: nodes, beginnings of rows, repetitions of what came before. */
  readonly tokens: Uint32Array
  /** Two numbers a node, which the checksum of a file's raw bytes is worked out from. */
  readonly nodeSums: Uint32Array
}

/**
 * What recolouring needs to know of an image, worked out once and used for all its variations. Opaque to the
 * main thread. The big tables lie in shared memory: two bytes a pixel at most, and twelve bytes a node.
 */
export type RegionAnalysis = {
  /** Node of each pixel that lies in no even run, in the order of the pixels; empty when nothing is visible. */
  readonly pixelNodes: Uint16Array
  /**
   * Runs of at least sixteen pixels of one node, in the order of the pixels: first pixel, pixel behind the last, both
   * multiples of four, node. None in an image with transparency.
   */
  readonly evenRuns: Uint32Array
  readonly nodes: RegionNodes
  /** The colours of the image's regions; the first is the background's when there is one. */
  readonly tones: readonly Tone[]
  readonly hasBackground: boolean
  /** Which tones meet at an edge and which run into each other. */
  readonly adjacency: Adjacency
  /** Takes the place of the pixels' nodes and runs, which are none then, where variations can be written by it. */
  readonly outline?: FileOutline
}

export type ImageAnalysis = {
  readonly swatches: readonly Swatch[]
  /** Palettes made from the swatches by colour theory, the best first; 15 for every image. */
  readonly derivedPalettes: readonly Palette[]
  readonly regions: RegionAnalysis
}

/** One row of a contact sheet: a base image and its variations with their palettes. Texts are anybody's. */
export type ContactSheetRow = {
  readonly title: string
  readonly base: Uint8Array
  readonly swatches: readonly HexColor[]
  readonly variations: readonly {
    readonly encoded: Uint8Array
    readonly paletteName: string
    readonly colors: readonly HexColor[]
  }[]
}

/** Every job a thread can do, with its input and its output. */
export type Jobs = {
  /** Decodes in full, checks, brings to 8-bit sRGB with EXIF orientation applied, and encodes it anew. */
  prepareImage: {
    input: {
      readonly encoded: Uint8Array
      readonly limits: ImageLimits
      readonly format: OutputFormat
      /**
       * Does the work of `analyseImage` as well, for variations of this strength in this format, which saves a message, and
       * the sharing of pixels that they do not read.
       */
      readonly analyse?: { readonly strength: number }
    }
    output: {
      readonly image: ImageInHand
      readonly encoded: EncodedImage
      /** Where it was asked for. */
      readonly analysis?: { readonly value: ImageAnalysis; readonly runMs: number }
    }
  }
  /** Decodes with the same checks, shrinks until the longer side fits, and encodes anew. */
  shrinkImage: {
    input: {
      readonly encoded: Uint8Array
      readonly limits: ImageLimits
      /** A picture that fits keeps every pixel. */
      readonly maxSidePx: number
      readonly format: OutputFormat
    }
    output: EncodedImage
  }
  /** Finds the swatches, derives palettes from them, and analyses the regions for recolouring. */
  analyseImage: {
    input: {
      readonly image: ImageInHand
      /** What variations are made by it; without, those of any kind can be. */
      readonly variations?: VariationKind
    }
    output: ImageAnalysis
  }
  /** Recolours an image with one palette and encodes the result. */
  createVariation: {
    input: VariationKind & {
      readonly image: ImageInHand
      readonly regions: RegionAnalysis
      readonly colors: PaletteColors
    }
    output: EncodedImage
  }
  /** A small picture for a page; `sidePx` is the longer side. */
  createThumbnail: {
    input: { readonly encoded: Uint8Array; readonly sidePx: number }
    output: EncodedImage
  }
  /** Lays images and their palettes out on one PNG. */
  composeContactSheet: {
    input: { readonly rows: readonly ContactSheetRow[]; readonly cellPx: number }
    output: EncodedImage
  }
}

export type JobName = keyof Jobs
export type JobInput<N extends JobName> = Jobs[N]['input']
export type JobOutput<N extends JobName> = Jobs[N]['output']

/** One job of a thread. */
export type JobRequest<N extends JobName = JobName> = {
  [K in N]: { readonly job: K; readonly input: JobInput<K> }
}[N]

/** The message that a thread receives: jobs that it does one after the other. Its answer has a result for each, none where it was taken back. */
export type JobBatch = {
  readonly requests: readonly JobRequest[]
  /** Where the thread is; see {@link PROGRESS}. */
  readonly progress: BigInt64Array
}

/**
 * What a thread tells of a batch while it works on it, in shared memory: the place of the job at hand, and when it began
 * with that by the clock that all threads share, in nanoseconds; 0 before the first.
 */
export const PROGRESS = { jobAt: 0, begunAtNs: 1, length: 2 } as const

/** In place of the time of the beginning, from the main thread: the thread passes the message over when it comes to it. */
export const TAKEN_BACK = -1n

/** Why a thread refused an image. The main thread turns these into failure categories. */
export type ImageErrorCode =
  'image_undecodable' | 'image_unsupported' | 'image_too_large' | 'image_timeout' | 'image_failed'

/** What came of a job. Errors are data: a class would not survive the clone. */
export type JobResult<N extends JobName = JobName> =
  | { readonly ok: true; readonly output: JobOutput<N>; /** Time in the thread. */ readonly runMs: number }
  | {
      readonly ok: false
      readonly code: ImageErrorCode
      /** Safe to show: names the limit or the expected form, never a path or a stack. */
      readonly message: string
      /** The error that nobody foresaw, in its own words: for the log alone. */
      readonly unforeseen?: string
      readonly runMs: number
    }
