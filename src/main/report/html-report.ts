import { createHash } from 'node:crypto'
import type { TaskView } from '../concepts/task-view.ts'
import { renderTaskCards, type Pictures } from './concept-cards.ts'
import { formatDuration } from './duration.ts'
import { markup, trustedMarkup, type Markup } from './markup.ts'
import { REPORT_STYLE } from './report-style.ts'
import type { StageStatistics } from './stage-statistics.ts'
import { labelsOf, notesOn } from './stage-table.ts'
import { counted } from './task-wording.ts'
import { spanOf } from './timeline.ts'
import { renderWaterfall, stageKey } from './waterfall.ts'

export type HtmlReport = {
  readonly title: string
  readonly tasks: readonly TaskView[]
  /** Small pictures as `data:image/…;base64,` URIs, by `imagePath`; one that is missing leaves a blank field. */
  readonly pictures: Pictures
  readonly statistics: readonly StageStatistics[]
  /** From the first task that was handed in to the end of the last one. */
  readonly tasksMs: number
  /** The same with the start and stop of services, and the drawing of the pages. */
  readonly wallMs: number
  /** What else to know of the run, such as the number of image threads. */
  readonly facts: readonly { readonly name: string; readonly value: string }[]
}

/**
 * One HTML file that needs nothing else: no script, no request, no font. Whatever comes from the tasks is
 * escaped, and the page's own policy forbids scripts and the network besides.
 */
export function renderHtmlReport(report: HtmlReport): string {
  const { title, tasks, pictures, statistics } = report
  const styleHash = createHash('sha256').update(REPORT_STYLE).digest('base64')
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trustedMarkup(REPORT_STYLE)}</style>
</head>
<body>
<main>
${renderOutcome(report)}
<section aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
<p class="note">Every task on one axis, from the start of the first stage. Point at a bar for its times.</p>
${renderWaterfall(tasks)}
</section>
<section aria-labelledby="stages">
<h2 id="stages">Stages</h2>
${renderStages(statistics)}
</section>
<section aria-labelledby="tasks">
<h2 id="tasks">Tasks</h2>
${renderTaskCards(tasks, pictures)}
</section>
</main>
</body>
</html>
`
  return page.toString()
}

function renderOutcome({ title, tasks, tasksMs, wallMs, facts }: HtmlReport): Markup {
  const concepts = tasks.flatMap(({ concept }) => (concept ? [concept] : []))
  const variations = concepts.reduce((sum, concept) => sum + concept.variations.length, 0)
  const figures: [string, string][] = [
    [concepts.length === 1 ? 'concept' : 'concepts', String(concepts.length)],
    [variations === 1 ? 'variation' : 'variations', String(variations)],
    [`${counted(tasks.length, 'task')} in`, formatDuration(tasksMs)],
    ['with services and pages', formatDuration(wallMs)],
  ]
  const started = spanOf(tasks)
  const all = started === null ? facts : [{ name: 'First stage', value: inUtc(started.fromMs) }, ...facts]
  return markup`<header class="outcome">
<p class="title">${title}</p>
<h1>${outcomeOf(tasks)}</h1>
<dl class="figures">
${figures.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>
<dl class="facts">
${all.map(({ name, value }) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>
</header>`
}

/** `7 tasks completed, 1 failed`; other states are named where there are any. */
function outcomeOf(tasks: readonly TaskView[]): string {
  const count = (wanted: TaskView['status']) => tasks.filter(({ status }) => status === wanted).length
  const failed = count('failed')
  const others = (['cancelled', 'processing', 'pending'] as const)
    .map((status) => [count(status), status] as const)
    .filter(([number]) => number > 0)
    .map(([number, status]) => `, ${number} ${status}`)
  return `${counted(count('completed'), 'task')} completed, ${failed === 0 ? 'none' : failed} failed${others.join('')}`
}

/** `2025-11-23 21:17:05 UTC` */
function inUtc(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function renderStages(statistics: readonly StageStatistics[]): Markup {
  if (statistics.length === 0) return markup`<p class="note">No stage was measured.</p>`
  const labels = labelsOf(statistics)
  const rows = statistics.map((stage, index) => {
    const { text, isStep } = labels[index]!
    const times = [stage.p50Ms, stage.p95Ms]
    const parts = [stage.waitP50Ms, stage.waitP95Ms, stage.runP50Ms, stage.runP95Ms]
    return markup`<tr class="${isStep ? 'step' : 'stage'}"><th scope="row">${isStep ? null : stageKey(stage.name)}${text}</th><td>${stage.count}</td>${times.map((ms) => markup`<td>${ms.toFixed(1)}</td>`)}${parts.map((ms, part) => markup`<td class="${part % 2 === 0 ? 'usual' : 'more'}">${ms.toFixed(1)}</td>`)}</tr>`
  })
  return markup`<div class="table" role="region" aria-labelledby="stages" tabindex="0">
<table>
<caption class="note">Times in milliseconds. A stage waits while nothing runs for it: its work is queued behind other work.${notesOn(statistics).map((note) => markup` ${note}`)}</caption>
<thead><tr><th scope="col">Stage</th><th scope="col">Count</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">Waited p50</th><th scope="col" class="more">Waited p95</th><th scope="col">Ran p50</th><th scope="col" class="more">Ran p95</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</div>`
}
