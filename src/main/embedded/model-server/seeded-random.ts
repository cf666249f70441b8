/**
 * Random choices that are the same for the same text on every machine. Not for secrets.
 * Generator: sfc32 (Chris Doty-Humphrey's PractRand, public domain), seeded with four FNV-1a hashes.
 */
export class SeededRandom {
  readonly #text: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(text: string) {
    this.#text = text
    this.#a = textHash(`a${text}`)
    this.#b = textHash(`b${text}`)
    this.#c = textHash(`c${text}`)
    for (let round = 0; round < 12; round++) this.next()
  }

  /** From 0 to below 1. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.next())
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)]
    if (item === undefined) throw new RangeError('there is nothing to pick from')
    return item
  }

  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items]
    return items.map(() => {
      const [item] = rest.splice(Math.floor(this.next() * rest.length), 1)
      return item as T
    })
  }

  /** A generator of its own for one purpose: what it yields does not depend on what was drawn before. */
  branch(purpose: string): SeededRandom {
    return new SeededRandom(`${this.#text}/${purpose}`)
  }
}

/** FNV-1a with 32 bits over UTF-16 code units, with the final mixing of MurmurHash3. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
