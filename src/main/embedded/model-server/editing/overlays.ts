import type { HexColor } from '../../../../threads/protocol.ts'
import { inksOn, type Scheme } from '../drawing/colour-scheme.ts'
import { adjust } from '../drawing/colour-space.ts'
import type { Motif } from '../drawing/motif.ts'
import { Definitions, Pen } from '../drawing/pen.ts'
import { circle, move, ring } from '../drawing/shapes.ts'
import { SeededRandom } from '../seeded-random.ts'
import { canvasOf, imageOf, type Canvas } from './canvas.ts'

/** Draws SVG over the canvas; `content` has pixels as its unit. */
async function drawOver(canvas: Canvas, content: string): Promise<Canvas> {
  const { width, height } = canvas
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`
  return canvasOf(imageOf(canvas).composite([{ input: Buffer.from(svg) }]))
}

/** A frame with round corners along the edges. */
export function drawFrame(canvas: Canvas, color: HexColor): Promise<Canvas> {
  const side = Math.min(canvas.width, canvas.height)
  const [inset, width] = [side * 0.045, side * 0.028]
  return drawOver(
    canvas,
    `<rect x="${inset}" y="${inset}" width="${canvas.width - 2 * inset}" height="${canvas.height - 2 * inset}" ` +
      `rx="${side * 0.06}" fill="none" stroke="${color}" stroke-width="${width}"/>`,
  )
}

/** A ring around the middle. */
export function drawRing(canvas: Canvas, color: HexColor): Promise<Canvas> {
  const side = Math.min(canvas.width, canvas.height)
  return drawOver(canvas, ring(canvas.width / 2, canvas.height / 2, side * 0.46, color, side * 0.028))
}

/** Paints the corners outside a rounded rectangle that is `inset` (a share of the shorter side) from the edges. */
export function drawCard(canvas: Canvas, ground: HexColor, inset: number): Promise<Canvas> {
  const { width, height } = canvas
  const side = Math.min(width, height)
  const [x, radius] = [side * inset, side * 0.16]
  const [w, h] = [width - 2 * x, height - 2 * x]
  const card = `M${x + radius} ${x}h${w - 2 * radius}a${radius} ${radius} 0 0 1 ${radius} ${radius}v${h - 2 * radius}a${radius} ${radius} 0 0 1 ${-radius} ${radius}h${2 * radius - w}a${radius} ${radius} 0 0 1 ${-radius} ${-radius}v${2 * radius - h}a${radius} ${radius} 0 0 1 ${radius} ${-radius}Z`
  return drawOver(
    canvas,
    `<path fill-rule="evenodd" fill="${ground}" d="M0 0H${width}V${height}H0Z${card}"/>`,
  )
}

/** A disc with a motif in the lower right corner, set off by a rim in the ground's colour. */
export function drawBadge(
  canvas: Canvas,
  motif: Motif,
  colors: { readonly disc: HexColor; readonly other: HexColor; readonly ground: HexColor },
): Promise<Canvas> {
  const side = Math.min(canvas.width, canvas.height)
  const scheme: Scheme = {
    tone: 'plain',
    dark: false,
    canvas: colors.disc,
    main: motif.colors[0],
    second: colors.other,
    accent: adjust(colors.disc, ({ h }) => ({ l: 0.86, c: 0.12, h: h + 150 })),
  }
  const definitions = new Definitions()
  const pen = new Pen(definitions, inksOn(colors.disc, scheme), new SeededRandom(motif.name), false)
  const radius = side * 0.135
  const badge =
    circle(0, 0, 118, colors.ground) + circle(0, 0, 104, colors.disc) + move(0, 0, motif.draw(pen), 0.66)
  return drawOver(
    canvas,
    definitions.toSvg() +
      move(canvas.width - radius * 1.45, canvas.height - radius * 1.45, badge, radius / 100),
  )
}
