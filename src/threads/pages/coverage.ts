import type { PathCommand } from 'opentype.js'

/** Straight pieces that one arc is drawn with: of letters, each is shorter than a pixel. */
const PIECES = 6
/** A line that goes less to the side within a row, in pixels, is taken for an upright one. */
const UPRIGHT = 1e-9

/**
 * How much of each pixel lies within closed outlines. Every line adds the signed area to its right in the rows that it
 * crosses, as differences from pixel to pixel; added up along a row these are the coverage. (The method is that of font-rs, by
 * Raph Levien.)
 */
export class Coverage {
  readonly width: number
  readonly height: number
  readonly #differences: Float32Array

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    // One more, for what a line at the right edge hands on.
    this.#differences = new Float32Array((width + 1) * height + 1)
  }

  /** Adds an outline; what lies beyond an edge is cut off there, or moved to it at the left. */
  add(outline: readonly PathCommand[], left: number, top: number): void {
    let [x, y] = [0, 0]
    let [startX, startY] = [0, 0]
    const lineTo = (toX: number, toY: number) => {
      this.#line(x + left, y + top, toX + left, toY + top)
      ;[x, y] = [toX, toY]
    }
    for (const command of outline) {
      switch (command.type) {
        case 'M':
          ;[x, y, startX, startY] = [command.x, command.y, command.x, command.y]
          break
        case 'L':
          lineTo(command.x, command.y)
          break
        case 'Q':
        case 'C': {
          const pointAt = arcFrom(x, y, command)
          for (let i = 1; i <= PIECES; i++) lineTo(...pointAt(i / PIECES))
          break
        }
        case 'Z':
          lineTo(startX, startY)
      }
    }
  }

  /** The share of each pixel, 0 to 1, row by row. */
  shares(): Float32Array {
    const shares = new Float32Array(this.width * this.height)
    for (let y = 0; y < this.height; y++) {
      let sum = 0
      for (let x = 0; x < this.width; x++) {
        sum += this.#differences[y * (this.width + 1) + x]!
        shares[y * this.width + x] = Math.min(1, Math.abs(sum))
      }
    }
    return shares
  }

  #line(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY === toY) return
    const direction = fromY < toY ? 1 : -1
    const [upperX, upperY, lowerX, lowerY] =
      direction === 1 ? [fromX, fromY, toX, toY] : [toX, toY, fromX, fromY]
    const slope = (lowerX - upperX) / (lowerY - upperY)
    const first = Math.max(0, Math.floor(upperY))
    const last = Math.min(this.height, Math.ceil(lowerY))
    for (let row = first; row < last; row++) {
      const above = Math.max(row, upperY)
      const below = Math.min(row + 1, lowerY)
      const [x1, x2] = [upperX + (above - upperY) * slope, upperX + (below - upperY) * slope]
      this.#inRow(
        row,
        this.#within(Math.min(x1, x2)),
        this.#within(Math.max(x1, x2)),
        (below - above) * direction,
      )
    }
  }

  #within(x: number): number {
    return Math.min(this.width, Math.max(0, x))
  }

  /** A piece of a line that crosses `height` of one row between two x. */
  #inRow(row: number, left: number, right: number, height: number): void {
    const at = row * (this.width + 1)
    const firstPixel = Math.floor(left)
    const slope = right - left > UPRIGHT ? height / (right - left) : 0
    let handedOn = 0
    for (let pixel = firstPixel; pixel < Math.max(right, firstPixel + 1); pixel++) {
      const [from, to] = [Math.max(left, pixel), Math.min(right, pixel + 1)]
      const part = slope === 0 ? height : (to - from) * slope
      // The area to the right of the piece within its pixel; all that is farther to the right gets the rest.
      const covered = part * (pixel + 1 - (from + to) / 2)
      this.#differences[at + pixel]! += covered + handedOn
      handedOn = part - covered
    }
    this.#differences[at + Math.max(Math.ceil(right), firstPixel + 1)]! += handedOn
  }
}

type Arc = Extract<PathCommand, { type: 'Q' | 'C' }>

/** The points of a curve, from 0 at its start to 1 at its end. */
function arcFrom(x: number, y: number, arc: Arc): (part: number) => [x: number, y: number] {
  // A quadratic curve is a cubic one whose middle points lie two thirds on the way to its own.
  const towards = (from: number, to: number) => from + ((to - from) * 2) / 3
  const [x1, y1, x2, y2] =
    arc.type === 'C'
      ? [arc.x1, arc.y1, arc.x2, arc.y2]
      : [towards(x, arc.x1), towards(y, arc.y1), towards(arc.x, arc.x1), towards(arc.y, arc.y1)]
  const at = (part: number, a: number, b: number, c: number, d: number) =>
    (1 - part) ** 3 * a + 3 * (1 - part) ** 2 * part * b + 3 * (1 - part) * part ** 2 * c + part ** 3 * d
  return (part) => [at(part, x, x1, x2, arc.x), at(part, y, y1, y2, arc.y)]
}
