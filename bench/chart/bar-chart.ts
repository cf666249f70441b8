import { escapeXml, text } from './svg-text.ts'

export type Bar = {
  readonly label: string
  readonly value: number
  /** Ours, among others. */
  readonly stressed?: boolean
}

export type BarChart = {
  readonly title: string
  /** What the bars measure, and in what circumstances. */
  readonly note: string
  readonly bars: readonly Bar[]
  /** How a value is written at the end of its bar. */
  readonly format: (value: number) => string
  /** The length of the axis; that of the largest bar where it is left out. */
  readonly max?: number
  /** Something to reach, drawn as a line across the bars. */
  readonly mark?: { readonly value: number; readonly label: string }
}

const WIDTH = 760
const LABELS = 250
const VALUES = 90
const TOP = 72
const ROW = 34
const BAR = 22
/** Horizontal bars as an SVG document of its own. */
export function barChart({ title, note, bars, format, max, mark }: BarChart): string {
  const height = TOP + bars.length * ROW + (mark ? 34 : 14)
  const scale =
    (WIDTH - LABELS - VALUES) / (max ?? Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE))
  const markAt = mark ? LABELS + mark.value * scale : 0
  const rows = bars.flatMap(({ label, value, stressed }, i) => {
    const y = TOP + i * ROW
    const length = Math.max(1, value * scale)
    const middle = y + BAR / 2 + 5
    return [
      text(LABELS - 12, middle, label, { anchor: 'end', weight: stressed ? 700 : 400 }),
      `<rect x="${LABELS}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2" fill="${stressed ? '#d7552b' : '#8a97a8'}"/>`,
      // Where it meets the line of the mark, its halo interrupts that.
      text(LABELS + length + 8, middle, format(value), { weight: stressed ? 700 : 400, halo: true }),
    ]
  })
  const line = mark
    ? [
        `<path d="M${markAt.toFixed(1)} ${TOP - 8}V${TOP + bars.length * ROW}" stroke="#20262e" stroke-dasharray="4 4"/>`,
        text(markAt, TOP + bars.length * ROW + 18, mark.label, {
          anchor: 'middle',
          size: 12,
        }),
      ]
    : []
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(20, 30, title, { size: 18, weight: 700 }),
    text(20, 52, note, { size: 12, fill: '#5a6572' }),
    ...line,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}
