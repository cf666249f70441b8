import { escapeXml, text } from './svg-text.ts'

export type Line = {
  readonly label: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export type LineChart = {
  readonly title: string
  /** What the lines measure, and in what circumstances. */
  readonly note: string
  readonly xLabel: string
  readonly lines: readonly Line[]
  /** How a value of the upright axis is written. */
  readonly format: (value: number) => string
}

const [WIDTH, HEIGHT] = [760, 380]
const [LEFT, RIGHT, TOP, BOTTOM] = [84, 190, 78, 52]
const COLOURS = ['#d7552b', '#3b6ea5', '#5f8f3e', '#7b5ea7']
const TICKS = 4
/** Between the names at the ends of lines, so that they do not cover each other. */
const NAME_HEIGHT = 18

/** Lines over a common axis that begins at 0, as an SVG document of its own. */
export function lineChart({ title, note, xLabel, lines, format }: LineChart): string {
  const points = lines.flatMap((line) => line.points)
  const maxX = Math.max(...points.map(({ x }) => x), Number.MIN_VALUE)
  const maxY = niceCeiling(Math.max(...points.map(({ y }) => y), Number.MIN_VALUE))
  const [right, bottom] = [WIDTH - RIGHT, HEIGHT - BOTTOM]
  const xOf = (x: number) => LEFT + (x / maxX) * (right - LEFT)
  const yOf = (y: number) => bottom - (y / maxY) * (bottom - TOP)
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS)
  const names = spread(lines.map((line) => yOf(line.points.at(-1)?.y ?? 0) + 5))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(20, 30, title, { size: 18, weight: 700 }),
    text(20, 52, note, { size: 12, fill: '#5a6572' }),
    ...ticks.flatMap((part) => [
      `<path d="M${LEFT} ${yOf(part * maxY).toFixed(1)}H${right}" stroke="#dfe3e8"/>`,
      text(LEFT - 10, yOf(part * maxY) + 4, format(part * maxY), { anchor: 'end', size: 12 }),
      text(xOf(part * maxX), bottom + 20, Math.round(part * maxX).toLocaleString('en'), {
        anchor: 'middle',
        size: 12,
      }),
    ]),
    text((LEFT + right) / 2, HEIGHT - 12, xLabel, { anchor: 'middle', size: 12 }),
    ...lines.flatMap((line, i) => {
      const colour = COLOURS[i % COLOURS.length]!
      const path = line.points.map(({ x, y }) => `${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`).join('L')
      return [
        `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`,
        text(right + 8, names[i]!, line.label, { size: 13, fill: colour, weight: 700 }),
      ]
    }),
    '</svg>',
    '',
  ].join('\n')
}

/** The next of 1, 2, 4, 6, 8 and 10 times a power of ten: a number that is easily divided by the ticks. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 4, 6, 8, 10].map((n) => n * power).find((n) => n >= value) ?? 10 * power
}

/** Moves heights apart that are too near to each other, downwards from the topmost. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).toSorted((a, b) => heights[a]! - heights[b]!)
  const placed = [...heights]
  for (const [i, index] of order.entries()) {
    const above = order[i - 1]
    if (above !== undefined) placed[index] = Math.max(placed[index]!, placed[above]! + NAME_HEIGHT)
  }
  return placed
}
