import { markup, type Markup } from './markup.ts'

const HEX = /^#[0-9a-f]{6}$/i

/** One colour of a strip, with what it is called. */
export type NamedColour = { readonly name: string; readonly hex: string }

/**
 * A row of equal fields, one a colour, which show their names and hex values to a pointer. They are drawn and not
 * styled: they need no style attribute, and they are printed. What is no `#RRGGBB` is left blank and says so.
 */
export function renderSwatches(label: string, colours: readonly NamedColour[]): Markup {
  const width = 100 / Math.max(1, colours.length)
  const fields = colours.map(({ name, hex }, index) => {
    const known = HEX.test(hex)
    const title = known ? `${name} ${hex.toUpperCase()}` : `${name}: not a colour`
    return markup`<rect x="${index * width}%" width="${width}%" height="100%" fill="${known ? hex : 'none'}"><title>${title}</title></rect>`
  })
  const values = colours.map(({ hex }) => (HEX.test(hex) ? hex.toUpperCase() : 'not a colour')).join(', ')
  return markup`<svg class="swatches" role="img" aria-label="${label}: ${values}">${fields}</svg>`
}
