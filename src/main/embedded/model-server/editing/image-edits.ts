import type { HexColor } from '../../../../threads/protocol.ts'
import { apart } from '../drawing/colour-scheme.ts'
import { adjust, fromHex, oklchToRgb, rgbToOklch, toHex } from '../drawing/colour-space.ts'
import { textHash } from '../seeded-random.ts'
import { canvasOf, decode, encode, imageOf, type Canvas } from './canvas.ts'
import { characterOf, hueTurn, recolouring, toneMap, type Character } from './colour-edits.ts'
import { mapColours, type ColourChange } from './colour-map.ts'
import { editsIn, type Edit } from './edit-instruction.ts'
import { drawBadge, drawCard, drawFrame, drawRing } from './overlays.ts'
import { castShadow, edgeColor, findSurround, keepSurround, paintSurround, type Rgb } from './surround.ts'

/** How far a picture is drawn in to make room for something around it. */
const FRAMED = 0.84
const RINGED = 0.74
const ON_CARD = 0.86

/** Colours that remain when a picture is simplified. */
const FEW_COLORS = 6

/**
 * Changes a picture by the words of an instruction and encodes it as PNG. The same picture, words and seed make
 * the same bytes. Refuses what is no image with 400.
 */
export async function editImage(encoded: Buffer, instruction: string, seed: number): Promise<Buffer> {
  let canvas = await decode(encoded)
  for (const edit of editsIn(instruction)) canvas = await apply(edit, canvas, seed)
  return encode(canvas)
}

async function apply(edit: Edit, canvas: Canvas, seed: number): Promise<Canvas> {
  switch (edit.kind) {
    case 'tone':
      // A darker logo does not want a grey page.
      return edit.change === 'darker'
        ? recolour(canvas, toneMap(edit.change))
        : mapColours(canvas, toneMap(edit.change))
    case 'recolour':
      return recolour(canvas, recolouring(edit.colors, await look(canvas)))
    case 'background':
      return withBackground(canvas, edit.color)
    case 'border':
      return bordered(canvas, edit.shape, edit.color)
    case 'rounded': {
      const { dominant } = await look(canvas)
      const ground = fromHex(groundOf(canvas))
      return drawCard(canvas, toHex({ l: ground.l > 0.55 ? 0.82 : 0.42, c: 0.07, h: dominant.h }), 0.03)
    }
    case 'motif': {
      const { dominant, other } = await look(canvas)
      const ground = groundOf(canvas)
      const disc = apart(edit.color ?? toHex(dominant), [ground], 0.2)
      return drawBadge(canvas, edit.motif, { disc, other: toHex(other), ground })
    }
    case 'turn':
      return turned(canvas, edit.degrees)
    case 'mirror':
      return canvasOf(edit.axis === 'horizontal' ? imageOf(canvas).flop() : imageOf(canvas).flip())
    case 'scale':
      return scaled(canvas, edit.factor)
    case 'simplify': {
      const few = await imageOf(canvas).png({ palette: true, colours: FEW_COLORS, dither: 0 }).toBuffer()
      return scaled(await decode(few), 0.84)
    }
    case 'shadow': {
      const surround = findSurround(canvas)
      return surround ? castShadow(canvas, surround) : bordered(canvas, 'frame', null)
    }
    case 'surprise': {
      const hash = textHash(`${edit.words}#${seed}`)
      const changed = recolour(canvas, hueTurn(60 + 30 * (hash % 9)))
      return bordered(changed, (hash >>> 8) % 2 === 0 ? 'ring' : 'frame', null)
    }
  }
}

const hexOf = ([r, g, b]: Rgb): HexColor => toHex(rgbToOklch([r / 255, g / 255, b / 255]))

const groundOf = (canvas: Canvas): HexColor => hexOf(edgeColor(canvas))

const look = (canvas: Canvas): Promise<Character> => characterOf(canvas, fromHex(groundOf(canvas)))

/** Changes the colours of the figure; a flat surround stays as it is. */
function recolour(canvas: Canvas, change: ColourChange): Canvas {
  const changed = mapColours(canvas, change)
  const surround = findSurround(canvas)
  return surround ? keepSurround(canvas, changed, surround) : changed
}

/** Gives a flat surround a colour; a picture that has none is laid on a card of the colour. */
async function withBackground(canvas: Canvas, color: HexColor): Promise<Canvas> {
  const surround = findSurround(canvas)
  if (!surround) return drawCard(await scaled(canvas, ON_CARD, color), color, (1 - ON_CARD) / 2)
  const [r, g, b] = oklchToRgb(fromHex(color))
  return paintSurround(canvas, surround, [r * 255, g * 255, b * 255])
}

async function bordered(canvas: Canvas, shape: 'frame' | 'ring', wanted: HexColor | null): Promise<Canvas> {
  const { dominant } = await look(canvas)
  const color =
    wanted ??
    apart(
      adjust(toHex(dominant), ({ c }) => ({ c: Math.max(c, 0.06) })),
      [groundOf(canvas)],
      0.22,
    )
  return shape === 'frame'
    ? drawFrame(await scaled(canvas, FRAMED), color)
    : drawRing(await scaled(canvas, RINGED), color)
}

/** Makes the picture's content larger (and cuts what goes over) or smaller (and fills up with the ground). */
async function scaled(canvas: Canvas, factor: number, ground = groundOf(canvas)): Promise<Canvas> {
  const [width, height] = [Math.round(canvas.width * factor), Math.round(canvas.height * factor)]
  const resized = await canvasOf(
    imageOf(canvas).resize(Math.max(1, width), Math.max(1, height), { fit: 'fill' }),
  )
  return fitted(resized, canvas, ground)
}

/** Cuts or extends the canvas around its middle to the size of another one. */
function fitted(
  canvas: Canvas,
  size: { readonly width: number; readonly height: number },
  ground: HexColor,
): Promise<Canvas> {
  const image = imageOf(canvas)
  if (canvas.width >= size.width && canvas.height >= size.height) {
    const left = (canvas.width - size.width) >> 1
    const top = (canvas.height - size.height) >> 1
    return canvasOf(image.extract({ left, top, width: size.width, height: size.height }))
  }
  const left = (size.width - canvas.width) >> 1
  const top = (size.height - canvas.height) >> 1
  return canvasOf(
    image.extend({
      left,
      top,
      right: size.width - canvas.width - left,
      bottom: size.height - canvas.height - top,
      background: ground,
    }),
  )
}

async function turned(canvas: Canvas, degrees: number): Promise<Canvas> {
  const ground = groundOf(canvas)
  const rotated = await canvasOf(imageOf(canvas).rotate(degrees, { background: ground }))
  return degrees % 90 === 0 ? rotated : fitted(rotated, canvas, ground)
}
