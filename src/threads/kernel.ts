import { readFileSync } from 'node:fs'
import { cubeRootOfStep, lightOfBytes } from './colour/lab-table.ts'
import { byteOfStep } from './colour/srgb.ts'

/** What `kernel/index.ts` exports: functions, and addresses in the memory, which hold for the image laid out last. */
export type KernelExports = {
  readonly memory: WebAssembly.Memory
  /** Makes room for an image; all in pixels but channels, and columns and rows of samples. */
  layOut(
    width: number,
    height: number,
    channels: number,
    stridePx: number,
    offsetPx: number,
    columns: number,
    rows: number,
  ): void
  /**
   * Takes the samples of a row. Three lines of pixels, its own between those that it is compared with, begin so many bytes
   * behind `bandBytes`. Lists the samples that are edge where one is near by, and returns how many those are.
   */
  sampleRow(row: number, above: number, line: number, below: number): number
  /** Marks the samples that differ from a `0xRRGGBB` colour by `holeStep` at most, and `alikeSamples` by `noiseStep`. */
  markAlike(colour: number, holeStep: number, noiseStep: number): void
  /** Address of 1 for each sample that `markAlike` has found alike; good until the samples are mixed. */
  alikeSamples(): number
  /**
   * Lists the background's samples beside others: the number of each times 16, and a bit where there is another at its
   * left, right, above, below. Returns how many there are.
   */
  listFrontier(): number
  /** Lists the flat samples beside the background that differ from a colour by so much at most; returns how many. */
  listNearGround(colour: number, maxStep: number): number
  /** Lists the samples at edges at `edgeSamples`; returns how many there are. */
  listEdges(): number
  /** Finds out what an edge sample at a pixel is mixed from, where the ways to its sides end at pixels of some colours. */
  settleEdge(
    edge: number,
    x: number,
    y: number,
    firstX: number,
    firstY: number,
    firstColour: number,
    secondX: number,
    secondY: number,
    secondColour: number,
  ): void
  /**
   * Lists where flat samples of two tones lie side by side: the number of the first times two, and one more where the other
   * is below it and not at its right. Returns how many there are.
   */
  listBorders(): number
  /**
   * Chooses the samples beside the background that show their colour for themselves, or all visible ones where those are
   * fewer than a share of them. Returns the address of 1 for each that is chosen; good until the samples are mixed.
   */
  chooseOwn(edges: number, minShare: number): number
  /** How many samples are of the background. */
  countGround(): number
  /** Share of the visible samples that lie in flat or smoothly shaded places, the background among them. */
  smoothShare(): number
  /** Takes up the tones at `toneLabs`; those before `first` are of no colour that is judged by itself. */
  setTones(count: number, first: number): void
  /** The background as `0xRRGGBB`, by how much of a part its pixels may differ, and what sort of image it is. */
  describe(background: number, isOpen: number, noiseStep: number, isTexture: number): void
  /** Mixes the samples, so many of which lie at an edge, with the feedbacks of three rounds. */
  mixSamples(edges: number, first: number, second: number, third: number): void
  /** Begins to sort the pixels, with shades that are multiples of `grain` steps. */
  begin(grain: number): void
  /**
   * Sorts a row of blocks; the band begins with the pixel `origin`, the nodes beside even runs come to lie from `lead` on.
   * Returns the number of even runs, or -1 when there are more nodes than can be numbered.
   */
  sortRow(row: number, origin: number, lead: number): number
  readonly oddCount: WebAssembly.Global
  readonly nodeCount: WebAssembly.Global
  /**
   * Makes room at `pixels` for a row of so many bytes, and behind it for so many filtered rows of a PNG file. What was laid
   * out for an image is lost.
   */
  openRows(count: number, rowBytes: number): void
  /**
   * Undoes the filters of so many rows behind the row above them: then the bytes of their pixels lie there. Returns 0 where
   * there is no such filter.
   */
  unfilter(count: number, rowBytes: number, pixelBytes: number): number
  /** Makes the last of so many rows the one above the next. */
  keepLastRow(count: number, rowBytes: number): void
  /** Makes room for so many bytes at `pixels`. What was laid out for an image is lost. */
  makeRoom(bytes: number): void
  /** Turns so many keys of nodes, at `paintColours`, into their colours by the targets, offsets and words of the tones. */
  colourNodes(count: number, gain: number): void
  /** Paints the pixels from one to another at an address; so many runs reach into them, their nodes lie from `lead` on. */
  paint(start: number, end: number, runs: number, lead: number, target: number): void
  /**
   * Begins the outline of an image of so many nodes, for which it tries so many earlier places at each pixel. What was laid
   * out for an image is lost.
   */
  beginOutline(width: number, height: number, nodes: number, attempts: number): void
  /**
   * Takes the pixels from one to another, whole rows that are 32,768 pixels with their beginnings at most, as `paint` does;
   * their tokens lie at `stripTokens`. Returns how many there are.
   */
  outlineStrip(start: number, end: number, runs: number, lead: number): number
  /** Brings what the checksum takes of so many nodes to two u32 each; returns their address. */
  reduceNodeSums(nodes: number): number
  /**
   * Begins a file of so many nodes, whose colours lie at `paintColours`. Parts of its tokens are handed in at `fileTokens`, the
   * reduced sums of all nodes at `fileSums`. What was laid out for an image is lost.
   */
  beginFile(nodes: number): void
  /** Counts what a part of so many tokens is made of. */
  countTokens(count: number): void
  /** Begins to write, once all tokens are counted; returns the length of the zlib stream. */
  openFile(): number
  /** Writes a part of so many tokens to `fileBytes`; returns how many bytes. */
  writeTokens(count: number): number
  /** Writes what stands behind the last part of an image with so many raw bytes; returns how many bytes. */
  closeFile(rawBytes: number): number
} & Readonly<Record<KernelPlace, WebAssembly.Global>>

export type KernelPlace =
  | 'cubeRoots'
  | 'lights'
  | 'byteOfStep'
  | 'toneLabs'
  | 'rgb'
  | 'labs'
  | 'listed'
  | 'edgeSamples'
  | 'edgeFrom'
  | 'edgeTo'
  | 'edgeLike'
  | 'edgeShares'
  | 'nearestTones'
  | 'kinds'
  | 'mask'
  | 'bandBytes'
  | 'bandRuns'
  | 'oddNodes'
  | 'nodeKeys'
  | 'toneTargets'
  | 'toneOffsets'
  | 'toneWords'
  | 'paintColours'
  | 'paintNodes'
  | 'paintRuns'
  | 'stripTokens'
  | 'fileTokens'
  | 'fileBytes'
  | 'fileSums'
  | 'pixels'

/** The build puts it beside this file, in `src` and in `dist`. */
const FILE = new URL('./kernel.wasm', import.meta.url)

let kernel: KernelExports | undefined

/**
 * The thread's kernel with its tables filled in. There is one for all images, since its memory never shrinks: tables take
 * 2 MB; and then, one at a time, some rows of a PNG file, a result up to 16 MB, or what belongs to samples, up to 2 MB, with a band of pixels, 11 MB
 * for the widest image, or what the outline of files is found with, up to 3 MB.
 */
export function pixelKernel(): KernelExports {
  if (kernel) return kernel
  const module = new WebAssembly.Module(readFileSync(FILE))
  kernel = new WebAssembly.Instance(module).exports as KernelExports
  const { memory, cubeRoots, lights } = kernel
  new Float32Array(memory.buffer, cubeRoots.value, cubeRootOfStep.length).set(cubeRootOfStep)
  new Uint8Array(memory.buffer, kernel.byteOfStep.value, byteOfStep.length).set(byteOfStep)
  const light = new Int32Array(memory.buffer, lights.value, 3 * 256 * 4)
  for (const [root, ofParts] of lightOfBytes.entries()) {
    for (const [part, ofBytes] of ofParts.entries()) {
      ofBytes.forEach((value, byte) => (light[(part * 256 + byte) * 4 + root] = value))
    }
  }
  return kernel
}
