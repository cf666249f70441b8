import type { HexColor } from '../../../../threads/protocol.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { adjust } from './colour-space.ts'

/** The colours that a motif is drawn with, chosen for what lies behind it. */
export type Inks = {
  /** The figure itself. */
  readonly body: HexColor
  /** The side of the figure that is turned away from the light. */
  readonly shade: HexColor
  /** A second colour of equal rank. */
  readonly second: HexColor
  /** Small parts that catch the eye. */
  readonly accent: HexColor
  /** The lightest colour: faces, pages, snow. */
  readonly light: HexColor
  /** The darkest colour: eyes, outlines, windows. */
  readonly line: HexColor
  /** What lies behind the motif; drawn again where a part is cut out. */
  readonly ground: HexColor
}

/** Gradients and clip paths of one SVG document; each gets an id of its own. */
export class Definitions {
  readonly #parts = new Map<string, { readonly id: string; readonly svg: string }>()

  /** The reference, as `url(#…)`, to a definition that `write` makes for an id. Equal keys share one. */
  reference(key: string, write: (id: string) => string): string {
    let part = this.#parts.get(key)
    if (!part) {
      const id = `d${this.#parts.size}`
      part = { id, svg: write(id) }
      this.#parts.set(key, part)
    }
    return `url(#${part.id})`
  }

  toSvg(): string {
    return `<defs>${[...this.#parts.values()].map(({ svg }) => svg).join('')}</defs>`
  }
}

/** What motifs draw with: the inks, the finish of surfaces, and choices that follow the seed. */
export class Pen {
  readonly inks: Inks
  readonly random: SeededRandom
  readonly #definitions: Definitions
  readonly #shaded: boolean

  /** Surfaces get a light gradient where `shaded` is true and are flat otherwise. */
  constructor(definitions: Definitions, inks: Inks, random: SeededRandom, shaded: boolean) {
    this.#definitions = definitions
    this.inks = inks
    this.random = random
    this.#shaded = shaded
  }

  withInks(inks: Inks): Pen {
    return new Pen(this.#definitions, inks, this.random, this.#shaded)
  }

  /** The fill of a large surface. */
  surface(color: HexColor): string {
    if (!this.#shaded) return color
    const lighter = adjust(color, ({ l }) => ({ l: Math.min(0.985, l + 0.055) }))
    const darker = adjust(color, ({ l, h }) => ({ l: l - 0.06, h: h - 6 }))
    return this.fade(lighter, darker)
  }

  /** A straight gradient over the bounding box; `angle` 0 runs down, 90 to the left. */
  fade(from: HexColor, to: HexColor, angle = 20): string {
    return this.#definitions.reference(
      `fade ${from} ${to} ${angle}`,
      (id) =>
        `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1" gradientTransform="rotate(${angle} 0.5 0.5)">` +
        `<stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`,
    )
  }

  /** A round gradient over the bounding box that fades out; `opacity` at the centre. */
  halo(color: HexColor, opacity: number, solidShare = 0): string {
    return this.#definitions.reference(
      `halo ${color} ${opacity} ${solidShare}`,
      (id) =>
        `<radialGradient id="${id}"><stop offset="${solidShare}" stop-color="${color}" stop-opacity="${opacity}"/>` +
        `<stop offset="${solidShare + (1 - solidShare) * 0.5}" stop-color="${color}" stop-opacity="${opacity * 0.32}"/>` +
        `<stop offset="1" stop-color="${color}" stop-opacity="0"/></radialGradient>`,
    )
  }

  /** The content where it lies inside the outline, an SVG path. */
  clip(outline: string, content: string): string {
    const reference = this.#definitions.reference(
      `clip ${outline}`,
      (id) => `<clipPath id="${id}"><path d="${outline}"/></clipPath>`,
    )
    return `<g clip-path="${reference}">${content}</g>`
  }
}
