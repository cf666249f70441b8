import { PHASES, type Measurement, type Phase } from './measurement.ts'

/** The size that the figures at the top are of. */
const REFERENCE_SIDE_PX = 1024

type SizeSummary = {
  readonly ratioToFloor: { readonly mean: number; readonly max: number }
  readonly cpuMsPerTask: number
  readonly floorCpuMsPerTask: number
  /** Bytes of the files over those of the floor. */
  readonly bytesToFloor: number
  readonly phasesCpuMs: Readonly<Record<Phase, number>>
}

export type Summary = SizeSummary & {
  readonly sizes: Readonly<Record<string, SizeSummary>>
  readonly images: readonly (Measurement & { readonly ratioToFloor: number })[]
}

export function summarise(measurements: readonly Measurement[]): Summary {
  const sides = [...new Set(measurements.map(({ sidePx }) => sidePx))]
  const sizes = Object.fromEntries(
    sides.map((side) => [String(side), ofSize(measurements.filter(({ sidePx }) => sidePx === side))]),
  )
  const reference = sizes[String(REFERENCE_SIDE_PX)] ?? ofSize(measurements)
  const images = measurements.map((measurement) => ({ ...measurement, ratioToFloor: ratio(measurement) }))
  return { ...reference, sizes, images }
}

function ofSize(measurements: readonly Measurement[]): SizeSummary {
  const mean = (pick: (measurement: Measurement) => number) =>
    measurements.reduce((sum, measurement) => sum + pick(measurement), 0) / measurements.length
  return {
    ratioToFloor: { mean: mean(ratio), max: Math.max(...measurements.map(ratio)) },
    cpuMsPerTask: mean(({ taskMs }) => taskMs),
    floorCpuMsPerTask: mean(({ floorMs }) => floorMs),
    bytesToFloor: mean(({ fileBytes }) => fileBytes) / mean(({ floorFileBytes }) => floorFileBytes),
    phasesCpuMs: Object.fromEntries(
      PHASES.map((phase) => [phase, mean(({ phasesMs }) => phasesMs[phase])]),
    ) as Record<Phase, number>,
  }
}

const ratio = ({ taskMs, floorMs }: Measurement) => taskMs / floorMs

/** A table for a terminal: one line a picture, then one a size. */
export function renderSummary({ images, sizes }: Summary): string {
  const number = (value: number, digits = 1) => value.toFixed(digits).padStart(11)
  const header = ['', ...PHASES, 'task', 'floor', 'ratio', 'bytes'].map((name, i) =>
    i === 0 ? name.padEnd(26) : name.padStart(11),
  )
  const line = (
    name: string,
    phases: Readonly<Record<Phase, number>>,
    task: number,
    floor: number,
    of: number,
    bytes: number,
  ) =>
    `${name.padEnd(26)}${PHASES.map((phase) => number(phases[phase])).join('')}${number(task)}${number(floor)}${number(of, 2)}${number(bytes, 2)}`
  const rows = images.map(
    ({ name, sidePx, phasesMs, taskMs, floorMs, ratioToFloor, fileBytes, floorFileBytes }) =>
      line(`${sidePx} ${name}`, phasesMs, taskMs, floorMs, ratioToFloor, fileBytes / floorFileBytes),
  )
  const means = Object.entries(sizes).map(
    ([side, { phasesCpuMs, cpuMsPerTask, floorCpuMsPerTask, ratioToFloor, bytesToFloor }]) =>
      line(`${side} MEAN`, phasesCpuMs, cpuMsPerTask, floorCpuMsPerTask, ratioToFloor.mean, bytesToFloor),
  )
  return ['CPU ms over all threads', header.join(''), ...rows, ...means, ''].join('\n')
}
