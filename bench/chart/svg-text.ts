export type TextStyle = {
  readonly size?: number
  readonly weight?: number
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  /** White around the letters, where something may lie behind them. */
  readonly halo?: boolean
}

const HALO = ' stroke="#ffffff" stroke-width="10" stroke-linejoin="round" paint-order="stroke"'

/** One line of text as an SVG element. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 14, weight = 400, fill = '#20262e', anchor = 'start', halo = false } = style
  return (
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-family="Helvetica, Arial, sans-serif" font-size="${size}" ` +
    `font-weight="${weight}" fill="${fill}" text-anchor="${anchor}"${halo ? HALO : ''}>${escapeXml(content)}</text>`
  )
}

export function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
