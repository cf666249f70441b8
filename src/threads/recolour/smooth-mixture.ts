import {
  addMixture,
  firstTone,
  mixtureOf,
  mixtureOfWeights,
  secondShare,
  secondTone,
  type Mixture,
} from './mixture.ts'

/**
 * The mixture of every place between four samples, which run into each other: each sample counts the more the
 * nearer it is, so that nothing jumps from block to block.
 */
export class SmoothMixture {
  private readonly weights: Float64Array
  private readonly toneCount: number
  /** True when all four samples have the mixture `one`. */
  isOne = true
  one: Mixture = 0
  private b: Mixture = 0
  private c: Mixture = 0
  private d: Mixture = 0
  /** The two tones of the block, where there are no more, and the share of the second at its corners. */
  private low = 0
  private high = -1
  private shareA = 0
  private shareB = 0
  private shareC = 0
  private shareD = 0

  constructor(toneCount: number) {
    this.weights = new Float64Array(toneCount)
    this.toneCount = toneCount
  }

  /** Takes the mixtures of the samples above left and right, and below left and right. */
  enter(a: Mixture, b: Mixture, c: Mixture, d: Mixture): void {
    this.one = a
    this.isOne = a === b && a === c && a === d
    if (this.isOne) return
    this.b = b
    this.c = c
    this.d = d
    this.low = Math.min(firstTone(a), firstTone(b), firstTone(c), firstTone(d))
    this.high = Math.max(secondTone(a), secondTone(b), secondTone(c), secondTone(d))
    this.shareA = this.shareOfHigh(a)
    this.shareB = this.shareOfHigh(b)
    this.shareC = this.shareOfHigh(c)
    this.shareD = this.shareOfHigh(d)
    if (this.shareA < 0 || this.shareB < 0 || this.shareC < 0 || this.shareD < 0) this.high = -1
  }

  /** Share of the higher tone of the block in a mixture; -1 where the mixture has a third one. */
  private shareOfHigh(mixture: Mixture): number {
    const one = firstTone(mixture)
    const other = secondTone(mixture)
    if (one === other) return one === this.low ? 0 : one === this.high ? 1 : -1
    return one === this.low && other === this.high ? secondShare(mixture) : -1
  }

  /** At a place in the block, 0 to 1 from the left and from the top. */
  mixtureAt(x: number, y: number): Mixture {
    if (this.high >= 0) {
      const above = this.shareA + (this.shareB - this.shareA) * x
      const below = this.shareC + (this.shareD - this.shareC) * x
      return mixtureOf(this.low, this.high, above + (below - above) * y)
    }
    const weights = this.weights
    weights.fill(0)
    addMixture(weights, this.one, (1 - x) * (1 - y))
    addMixture(weights, this.b, x * (1 - y))
    addMixture(weights, this.c, (1 - x) * y)
    addMixture(weights, this.d, x * y)
    return mixtureOfWeights(weights, this.toneCount)
  }
}
