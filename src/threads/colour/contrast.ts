import { linearOfByte, type Rgb } from './srgb.ts'

/** Relative luminance, 0 to 1, as WCAG 2.2 defines it. */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linearOfByte[red]! + 0.7152 * linearOfByte[green]! + 0.0722 * linearOfByte[blue]!
}

/** Contrast ratio of WCAG 2.2, from 1 (same luminance) to 21 (black on white). */
export function contrastRatio(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}
