/** SVG fragments. Lengths are in the units of whoever places them; angles in degrees, clockwise from the top. */

export type Point = readonly [x: number, y: number]

const n = (value: number) => String(Math.round(value * 100) / 100)

/** A point at `radius` from the centre. */
export function polar(radius: number, angle: number, [cx, cy]: Point = [0, 0]): Point {
  const radians = (angle * Math.PI) / 180
  return [cx + radius * Math.sin(radians), cy - radius * Math.cos(radians)]
}

export const circle = (cx: number, cy: number, r: number, fill: string): string =>
  `<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(r)}" fill="${fill}"/>`

export const ellipse = (cx: number, cy: number, rx: number, ry: number, fill: string, rotate = 0): string =>
  `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"` +
  (rotate === 0 ? '/>' : ` transform="rotate(${n(rotate)} ${n(cx)} ${n(cy)})"/>`)

export const box = (x: number, y: number, width: number, height: number, fill: string, radius = 0): string =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(radius)}" fill="${fill}"/>`

export const shape = (d: string, fill: string): string => `<path d="${d}" fill="${fill}"/>`

/** A line of even width with round ends and joins. */
export const line = (d: string, color: string, width: number): string =>
  `<path d="${d}" fill="none" stroke="${color}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round"/>`

export const ring = (cx: number, cy: number, r: number, color: string, width: number): string =>
  `<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(r)}" fill="none" stroke="${color}" stroke-width="${n(width)}"/>`

export const move = (x: number, y: number, content: string, scale = 1, rotate = 0): string =>
  `<g transform="translate(${n(x)} ${n(y)})` +
  (rotate === 0 ? '' : ` rotate(${n(rotate)})`) +
  (scale === 1 ? '' : ` scale(${Math.round(scale * 10_000) / 10_000})`) +
  `">${content}</g>`

/** The content and its mirror image about the vertical axis. */
export const mirrored = (content: string): string => `${content}<g transform="scale(-1 1)">${content}</g>`

/** The content again and again around the centre. */
export const around = (count: number, draw: (index: number) => string, startAngle = 0): string =>
  Array.from(
    { length: count },
    (_, i) => `<g transform="rotate(${n(startAngle + (360 / count) * i)})">${draw(i)}</g>`,
  ).join('')

/** Corners as a list, or as in the `points` attribute of SVG: `x,y x,y …`. */
export type Corners = readonly Point[] | string

const cornersOf = (corners: Corners): readonly Point[] =>
  typeof corners === 'string'
    ? corners.split(' ').map((pair): Point => {
        const [x, y] = pair.split(',').map(Number)
        return [x ?? 0, y ?? 0]
      })
    : corners

/** Closed path through the corners. */
export const polygonPath = (corners: Corners): string =>
  `M${cornersOf(corners)
    .map(([x, y]) => `${n(x)} ${n(y)}`)
    .join('L')}Z`

/** Closed path whose corners are rounded by up to `radius`. */
export function roundedPath(corners: Corners, radius: number): string {
  const points = cornersOf(corners)
  const turns = points.map((corner, i) => {
    const before = points[(i + points.length - 1) % points.length] as Point
    const after = points[(i + 1) % points.length] as Point
    return { corner, start: towards(corner, before, radius), end: towards(corner, after, radius) }
  })
  return (
    turns
      .map(({ corner, start, end }, i) => {
        const [sx, sy] = start
        return `${i === 0 ? 'M' : 'L'}${n(sx)} ${n(sy)}Q${n(corner[0])} ${n(corner[1])} ${n(end[0])} ${n(end[1])}`
      })
      .join('') + 'Z'
  )
}

/** The point `length` from `from` on the way to `to`, at most half way. */
function towards(from: Point, to: Point, length: number): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const share = Math.min(0.5, length / (Math.hypot(dx, dy) || 1))
  return [from[0] + dx * share, from[1] + dy * share]
}

/** The corners of a regular polygon, the first at the top. */
export const regular = (corners: number, radius: number, startAngle = 0): Point[] =>
  Array.from({ length: corners }, (_, i) => polar(radius, startAngle + (360 / corners) * i))

/** The corners of a star, the first point at the top. */
export const starPoints = (points: number, outer: number, inner: number, startAngle = 0): Point[] =>
  Array.from({ length: points * 2 }, (_, i) =>
    polar(i % 2 === 0 ? outer : inner, startAngle + (180 / points) * i),
  )

/** A pointed leaf standing on the origin, `length` high and `width` wide. */
export const leafPath = (length: number, width: number): string => {
  const [w, h] = [width * 0.68, length]
  return `M0 0C${n(-w)} ${n(-h * 0.3)} ${n(-w)} ${n(-h * 0.72)} 0 ${n(-h)}C${n(w)} ${n(-h * 0.72)} ${n(w)} ${n(-h * 0.3)} 0 0Z`
}

/** A drop with its point at the top, `height` high, its round part centred on the origin. */
export const dropPath = (height: number): string => {
  const r = height * 0.36
  const top = r - height
  return `M0 ${n(top)}C${n(r * 0.35)} ${n(top * 0.62)} ${n(r)} ${n(-r * 0.62)} ${n(r)} 0A${n(r)} ${n(r)} 0 0 1 ${n(-r)} 0C${n(-r)} ${n(-r * 0.62)} ${n(-r * 0.35)} ${n(top * 0.62)} 0 ${n(top)}Z`
}

/** A ring sector from one angle to another, filled. */
export function sectorPath(inner: number, outer: number, from: number, to: number): string {
  const [a, b, c, d] = [polar(outer, from), polar(outer, to), polar(inner, to), polar(inner, from)]
  const large = to - from > 180 ? 1 : 0
  const at = ([x, y]: Point) => `${n(x)} ${n(y)}`
  return `M${at(a)}A${n(outer)} ${n(outer)} 0 ${large} 1 ${at(b)}L${at(c)}A${n(inner)} ${n(inner)} 0 ${large} 0 ${at(d)}Z`
}

/** An open arc to be drawn with `line`. */
export function arcPath(radius: number, from: number, to: number): string {
  const [a, b] = [polar(radius, from), polar(radius, to)]
  const large = to - from > 180 ? 1 : 0
  return `M${n(a[0])} ${n(a[1])}A${n(radius)} ${n(radius)} 0 ${large} 1 ${n(b[0])} ${n(b[1])}`
}

export const heartPath =
  'M0 84C-30 62 -92 22 -92 -26C-92 -58 -70 -78 -44 -78C-24 -78 -8 -66 0 -50C8 -66 24 -78 44 -78C70 -78 92 -58 92 -26C92 22 30 62 0 84Z'

export const shieldPath =
  'M0 -96C26 -78 54 -70 80 -68C84 -68 86 -65 86 -61L86 -6C86 44 46 78 0 98C-46 78 -86 44 -86 -6L-86 -61C-86 -65 -84 -68 -80 -68C-54 -70 -26 -78 0 -96Z'

/** A superellipse, the outline of an app icon, with half-width `r`. */
export const squirclePath = (r: number): string => {
  const points = Array.from({ length: 96 }, (_, i): Point => {
    const t = (i / 96) * 2 * Math.PI
    const power = (v: number) => Math.sign(v) * Math.abs(v) ** (2 / 5)
    return [r * power(Math.cos(t)), r * power(Math.sin(t))]
  })
  return polygonPath(points)
}
