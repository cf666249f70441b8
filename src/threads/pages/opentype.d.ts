/** As much of the package as is used. (Its published types bring those of a browser into the whole project.) */
declare module 'opentype.js' {
  type Point = { readonly x: number; readonly y: number }

  export type PathCommand =
    | ({ readonly type: 'M' | 'L' } & Point)
    | ({ readonly type: 'Q'; readonly x1: number; readonly y1: number } & Point)
    | ({
        readonly type: 'C'
        readonly x1: number
        readonly y1: number
        readonly x2: number
        readonly y2: number
      } & Point)
    | { readonly type: 'Z' }

  export type Glyph = {
    readonly advanceWidth?: number
    /** In pixels, with y downwards. */
    getPath(x: number, y: number, sizePx: number): { readonly commands: readonly PathCommand[] }
  }

  export type Font = {
    readonly unitsPerEm: number
    hasChar(character: string): boolean
    charToGlyph(character: string): Glyph
    /** In units of the font. */
    getKerningValue(left: Glyph, right: Glyph): number
  }

  export type OpenType = { parse(file: ArrayBuffer): Font }
}
