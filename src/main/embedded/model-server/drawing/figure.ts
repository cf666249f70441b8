import { inksOn, type Scheme } from './colour-scheme.ts'
import { adjust } from './colour-space.ts'
import type { Motif } from './motif.ts'
import type { Pen } from './pen.ts'
import { circle, move } from './shapes.ts'

/** What a logo shows, drawn between -100 and 100 on both axes. */
export type Figure = {
  /** Names the subject; two figures of one name look alike. */
  readonly name: string
  readonly draw: (pen: Pen) => string
}

/** One motif, or two joined to one figure. */
export function figureOf(motif: Motif, companion: Motif | undefined, scheme: Scheme): Figure {
  if (!companion) return { name: motif.name, draw: motif.draw }
  const name = `${motif.name}+${companion.name}`
  if (motif.inset) return { name, draw: (pen) => inside(pen, motif, motif.inset!, companion, scheme) }
  if (companion.inset) return { name, draw: (pen) => inside(pen, companion, companion.inset!, motif, scheme) }
  switch (companion.accompanies) {
    case 'behind':
      return {
        name,
        draw: (pen) =>
          move(40, -38, companion.draw(accented(pen)), 0.6) + move(-10, 18, motif.draw(pen), 0.82),
      }
    case 'above':
      return {
        name,
        draw: (pen) => move(0, 26, motif.draw(pen), 0.74) + move(0, -72, companion.draw(accented(pen)), 0.3),
      }
    case 'below':
    case 'beside':
      return { name, draw: (pen) => move(-6, -6, motif.draw(pen), 0.94) + badge(pen, companion, scheme) }
  }
}

/** The companion on a disc at the lower right, cut out of the motif by a rim in the colour of the ground. */
function badge(pen: Pen, companion: Motif, scheme: Scheme): string {
  const { accent, second, ground } = pen.inks
  const fill = pen.random.chance(0.5) ? accent : second
  const inner = pen.withInks(inksOn(fill, scheme))
  return move(
    62,
    62,
    circle(0, 0, 43, ground) + circle(0, 0, 37, fill) + move(0, 0, companion.draw(inner), 0.25),
  )
}

/** The vessel with the content in its middle. */
function inside(
  pen: Pen,
  vessel: Motif,
  { x, y, reach }: NonNullable<Motif['inset']>,
  content: Motif,
  scheme: Scheme,
): string {
  const { body } = pen.inks
  const inner = pen.withInks(inksOn(body, scheme))
  const blank =
    vessel.name === 'shield'
      ? vessel.draw(pen.withInks({ ...pen.inks, light: pen.inks.shade }))
      : vessel.draw(pen)
  return blank + move(x, y, content.draw(inner), reach / 100)
}

/** The pen with the accent as its main colour, for a companion that shall not compete with the motif. */
const accented = (pen: Pen): Pen =>
  pen.withInks({
    ...pen.inks,
    body: pen.inks.accent,
    shade: adjust(pen.inks.accent, ({ l }) => ({ l: l - 0.08 })),
    accent: pen.inks.second,
  })
