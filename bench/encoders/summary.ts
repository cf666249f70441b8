import type { Measurement } from './measurement.ts'
import { SETTINGS } from './settings.ts'
import type { Shading } from './shading.ts'

/** Means over the pictures of a group; null when there is none. */
type Cost = { readonly bytes: number; readonly cpuMs: number } | null

export type Summary = {
  readonly settings: readonly ({ readonly setting: string } & Readonly<Record<Shading, Cost>>)[]
  readonly images: readonly Measurement[]
}

export function summarise(images: readonly Measurement[]): Summary {
  const settings = SETTINGS.map(({ name: setting }) => {
    const ofSetting = images.filter((measurement) => measurement.setting === setting)
    return { setting, flat: costOf(ofSetting, 'flat'), shaded: costOf(ofSetting, 'shaded') }
  })
  return { settings, images }
}

function costOf(measurements: readonly Measurement[], shading: Shading): Cost {
  const group = measurements.filter((measurement) => measurement.shading === shading)
  if (group.length === 0) return null
  const mean = (pick: (measurement: Measurement) => number) =>
    group.reduce((sum, measurement) => sum + pick(measurement), 0) / group.length
  return { bytes: mean(({ bytes }) => bytes), cpuMs: mean(({ cpuMs }) => cpuMs) }
}

/** A table for a terminal: one line a setting, the flat logos' figures first, then those of shaded pictures. */
export function renderSummary({ settings, images }: Summary): string {
  const namesOf = (shading: Shading) =>
    [...new Set(images.filter((image) => image.shading === shading).map(({ name }) => name))].join(', ')
  const cells = (cost: Cost) =>
    cost
      ? `${(cost.bytes / 1024).toFixed(1).padStart(12)}${cost.cpuMs.toFixed(1).padStart(10)}`
      : ''.padStart(22)
  const header = `${''.padEnd(32)}${'flat KiB'.padStart(12)}${'CPU ms'.padStart(10)}${'shaded KiB'.padStart(12)}${'CPU ms'.padStart(10)}`
  const rows = settings.map(
    ({ setting, flat, shaded }) => `${setting.padEnd(32)}${cells(flat)}${cells(shaded)}`,
  )
  return [
    'Writing one variation of 1024x1024: file size, and CPU ms over all threads',
    `flat: ${namesOf('flat') || 'none'}`,
    `shaded: ${namesOf('shaded') || 'none'}`,
    header,
    ...rows,
    '',
  ].join('\n')
}
