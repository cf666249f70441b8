import type { Raster } from '../codec/raster.ts'
import type { Rgb } from '../colour/srgb.ts'
import { Coverage } from './coverage.ts'
import type { TextLine } from './text-line.ts'

/** A rectangle in pixels with round corners. */
export type RoundedBox = {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly radius: number
}

/** Room around a line of text, in its own size: no letter reaches farther above or below its baseline. */
const [ABOVE, BELOW] = [1.2, 0.5]

/** An opaque page of pixels to draw boxes, pictures and text on. */
export class Canvas {
  readonly width: number
  readonly height: number
  readonly #pixels: Uint8Array

  constructor(width: number, height: number, ground: Rgb) {
    this.width = width
    this.height = height
    this.#pixels = new Uint8Array(width * height * 3)
    for (let i = 0; i < this.#pixels.length; i += 3) this.#pixels.set(ground, i)
  }

  /** Fills a box with one colour; the corners are antialiased. */
  fillBox(box: RoundedBox, colour: Rgb): void {
    this.#paint(box, () => colour)
  }

  /** Draws a picture of the box's size, with the corners cut round. */
  drawBox(box: RoundedBox, { pixels, width, channels }: Raster): void {
    this.#paint(box, (x, y) => {
      const at = (y * width + x) * channels
      return [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!]
    })
  }

  /** Draws a line of text, whose `left` and `baseline` are whole pixels. */
  drawText({ glyphs, width }: TextLine, sizePx: number, left: number, baseline: number, colour: Rgb): void {
    const [above, below] = [Math.ceil(sizePx * ABOVE), Math.ceil(sizePx * BELOW)]
    // Italics and round letters begin a little to the left of where they stand.
    const side = Math.ceil(sizePx / 4)
    const coverage = new Coverage(Math.ceil(width) + 2 * side, above + below)
    for (const { outline, x } of glyphs) coverage.add(outline, x + side, above)
    const shares = coverage.shares()
    for (const [i, share] of shares.entries()) {
      if (share === 0) continue
      const x = left - side + (i % coverage.width)
      const y = baseline - above + Math.floor(i / coverage.width)
      if (x >= 0 && x < this.width && y >= 0 && y < this.height) this.#blend(x, y, colour, share)
    }
  }

  /** What has been drawn; the pixels are the canvas's own. */
  raster(): Raster {
    return { width: this.width, height: this.height, channels: 3, pixels: this.#pixels }
  }

  #paint(box: RoundedBox, colourAt: (x: number, y: number) => Rgb): void {
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) {
        const share = cornerCoverage(box, x, y)
        if (share === 0) continue
        this.#blend(box.left + x, box.top + y, colourAt(x, y), share)
      }
    }
  }

  #blend(x: number, y: number, colour: Rgb, share: number): void {
    const at = (y * this.width + x) * 3
    for (let part = 0; part < 3; part++) {
      const under = this.#pixels[at + part]!
      this.#pixels[at + part] = Math.round(under + (colour[part]! - under) * share)
    }
  }
}

/** How much of a pixel lies inside the rounded box, 0 to 1. */
function cornerCoverage({ width, height, radius }: RoundedBox, x: number, y: number): number {
  const across = Math.max(radius - (x + 0.5), x + 0.5 - (width - radius), 0)
  const down = Math.max(radius - (y + 0.5), y + 0.5 - (height - radius), 0)
  if (across === 0 || down === 0) return 1
  return Math.min(1, Math.max(0, radius + 0.5 - Math.sqrt(across * across + down * down)))
}
