import type { StageView, TaskView } from '../concepts/task-view.ts'
import { formatDuration, formatExactMs } from './duration.ts'
import { markup, type Markup } from './markup.ts'
import { placeOfStage, UNKNOWN_PLACE } from './stage-order.ts'
import { durationOf, headingOf, taskAnchor } from './task-wording.ts'
import { axisTicks, type Tick } from './time-axis.ts'
import { bandOf, spanOf, type Band, type Bar, type Span } from './timeline.ts'

/** All in CSS pixels; across, everything is a share of the axis, so that it fits any width. */
const STAGE_HEIGHT = 14
const STAGE_GAP = 4
const ITEM_HEIGHT = 4
const ITEM_GAP = 2
const BAND_PADDING = 9
const AXIS_HEIGHT = 24
/** The shortest stages can still be seen. */
const MIN_BAR_PERCENT = 0.25

type Axis = { readonly startMs: number; readonly lengthMs: number; readonly ticks: readonly Tick[] }

/** The stages of all tasks on one time axis, one band a task, with a legend. */
export function renderWaterfall(tasks: readonly TaskView[]): Markup {
  const span = spanOf(tasks)
  if (span === null) return markup`<p class="note">No stage was measured.</p>`
  const lengthMs = Math.max(1, span.toMs - span.fromMs)
  const axis = { startMs: span.fromMs, lengthMs, ticks: axisTicks(lengthMs) }
  return markup`${renderLegend(tasks)}
<div class="timeline">
<div class="axis"><span></span>${renderAxis(axis)}</div>
<ol class="bands">
${tasks.map((task, index) => renderBand(task, index, axis))}
</ol>
</div>`
}

function renderLegend(tasks: readonly TaskView[]): Markup {
  const names = [...new Set(tasks.flatMap(({ stages }) => stages.map(({ stage }) => stage)))]
  const stages = names.toSorted((a, b) => placeOfStage(a) - placeOfStage(b))
  return markup`<ul class="legend">
${stages.map((stage) => markup`<li>${stageKey(stage)}${stage}</li>`)}
<li class="apart"><svg class="key wide" aria-hidden="true"><g class="neutral"><rect class="wait" width="50%" height="100%"/><rect class="run" x="50%" width="50%" height="100%"/></g></svg>waiting, then running</li>
<li><svg class="key wide" aria-hidden="true"><g class="neutral"><rect class="run" y="1" width="100%" height="4"/><rect class="run" y="7" width="100%" height="4"/></g></svg>one variation each</li>
${hasResumed(tasks) ? markup`<li><span class="resumed" aria-hidden="true">↻</span>taken over from an earlier attempt</li>` : null}
<li><span class="fault" aria-hidden="true">✕</span>failed or aborted</li>
</ul>`
}

const hasResumed = (tasks: readonly TaskView[]) =>
  tasks.some(({ stages }) => stages.some(({ outcome }) => outcome === 'resumed'))

/** A small square in the colour of a stage. */
export function stageKey(stage: string): Markup {
  return markup`<svg class="key" aria-hidden="true"><g class="${stageClass(stage)}"><rect class="run" width="100%" height="100%" rx="2"/></g></svg>`
}

function renderAxis({ ticks, lengthMs }: Axis): Markup {
  const labels = ticks.map(({ atMs, label }, index) => {
    const share = atMs / lengthMs
    const anchor = index === 0 ? 'start' : share > 0.96 ? 'end' : 'middle'
    const kind = index % 2 === 0 ? 'tick' : 'tick odd'
    return markup`<text class="${kind}" x="${percent(share)}" y="16" text-anchor="${anchor}">${label}</text>`
  })
  return markup`<svg class="plot" height="${AXIS_HEIGHT}" aria-hidden="true">${labels}</svg>`
}

function renderBand(task: TaskView, index: number, axis: Axis): Markup {
  const band = bandOf(task)
  const stagesHeight = band.stageLanes.length * (STAGE_HEIGHT + STAGE_GAP)
  const height = BAND_PADDING * 2 + stagesHeight + band.itemLanes.length * (ITEM_HEIGHT + ITEM_GAP)
  const durationMs = durationOf(task)
  const lines = axis.ticks.map(({ atMs }) => {
    const x = percent(atMs / axis.lengthMs)
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="100%"/>`
  })
  const bars = [
    ...barsOf(band.stageLanes, BAND_PADDING, STAGE_HEIGHT, STAGE_GAP, axis),
    ...barsOf(band.itemLanes, BAND_PADDING + stagesHeight, ITEM_HEIGHT, ITEM_GAP, axis),
  ]
  return markup`<li class="band">
<a class="band-name" href="#${taskAnchor(index)}"><strong>${headingOf(task, index)}</strong> <span class="took">${durationMs === null ? '' : formatDuration(durationMs)}</span>
<span class="about" dir="auto">${aboutTask(task)}</span></a>
<svg class="plot" height="${height}" role="img" aria-label="${describeBand(band)}">
${lines}
${bars}
</svg>
</li>`
}

function barsOf(
  lanes: readonly (readonly Bar[])[],
  top: number,
  height: number,
  gap: number,
  axis: Axis,
): Markup[] {
  return lanes.flatMap((lane, row) =>
    // The longest first: what is drawn wider than it is must not vanish beneath its neighbour.
    lane
      .toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))
      .map((bar) => renderBar(bar, top + row * (height + gap), height, axis)),
  )
}

function renderBar(bar: Bar, y: number, height: number, axis: Axis): Markup {
  const rectangle = (span: Span, kind: string) => {
    const { x, width } = place(span, axis)
    return markup`<rect class="${kind}" x="${percent(x)}" y="${y}" width="${percent(width)}" height="${height}"/>`
  }
  const running = bar.running.filter(({ fromMs, toMs }) => toMs > fromMs)
  const { outcome, stage, step } = bar.timing
  const end = Math.min(1, (bar.toMs - axis.startMs) / axis.lengthMs)
  const [kind, sign] = outcome === 'resumed' ? ['resumed', '↻'] : ['fault', '✕']
  const mark =
    outcome === 'ok'
      ? null
      : markup`<text class="${kind}" x="${percent(end)}" y="${y + height / 2}" text-anchor="${end > 0.97 ? 'end' : 'start'}">${sign}</text>`
  // Storing a variation has the colour of storing.
  const colour = stageClass(step === 'store' ? 'store_image' : stage)
  return markup`<g class="${colour}"><title>${describeBar(bar, axis)}</title>${rectangle(bar, 'wait')}${running.map((span) => rectangle(span, 'run'))}${mark}</g>`
}

/** Where a span lies on the axis: shares of its length. */
function place({ fromMs, toMs }: Span, { startMs, lengthMs }: Axis): { x: number; width: number } {
  const width = Math.max(MIN_BAR_PERCENT / 100, (toMs - fromMs) / lengthMs)
  return { x: Math.max(0, Math.min(1 - width, (fromMs - startMs) / lengthMs)), width }
}

const percent = (share: number) => `${Number((share * 100).toFixed(3))}%`

function stageClass(stage: string): string {
  const at = placeOfStage(stage)
  return at === UNKNOWN_PLACE ? 'neutral' : `stage-${at}`
}

function aboutTask({ concept, errorCode, status }: TaskView): string {
  if (concept) return concept.refinementPrompt ?? concept.logoDescription
  return errorCode ? `${status}: ${errorCode}` : status
}

/** What a person sees who points at a bar. */
function describeBar({ timing, steps, fromMs, toMs }: Bar, { startMs }: Axis): string {
  const { stage, step, item, attempt, outcome, errorCode } = timing
  const name = [stage, step, item === null ? null : `no. ${item + 1}`].filter((part) => part !== null)
  const lines = [
    `${name.join(' · ')}${attempt > 1 ? `, attempt ${attempt}` : ''}: ${describeTimes(timing)}`,
    ...steps.map((part) => `${part.step}: ${describeTimes(part)}`),
    `from ${formatExactMs(fromMs - startMs)} to ${formatExactMs(toMs - startMs)}`,
  ]
  if (outcome === 'resumed') lines.push('taken over from an earlier attempt')
  else if (outcome !== 'ok') lines.push(errorCode === null ? outcome : `${outcome}: ${errorCode}`)
  return lines.join('\n')
}

function describeTimes({ waitMs, runMs }: StageView): string {
  const total = formatExactMs(waitMs + runMs)
  return `${total} (waited ${formatExactMs(waitMs)}, ran ${formatExactMs(runMs)})`
}

/** The band in words, for those who cannot see it. */
function describeBand({ stageLanes }: Band): string {
  const bars = stageLanes.flat().toSorted((a, b) => a.fromMs - b.fromMs)
  if (bars.length === 0) return 'No stage was measured.'
  const parts = bars.map(({ timing: { stage, outcome }, fromMs, toMs }) => {
    const ending = outcome === 'ok' ? '' : ` (${outcome})`
    return `${stage} ${formatDuration(toMs - fromMs)}${ending}`
  })
  return `Stages: ${parts.join(', ')}.`
}
