import type { ConceptView, TaskView, VariationView } from '../concepts/task-view.ts'
import { formatDuration } from './duration.ts'
import { markup, type Markup } from './markup.ts'
import { renderSwatches } from './swatch-strip.ts'
import { counted, durationOf, headingOf, taskAnchor } from './task-wording.ts'

/** Pictures by their `imagePath`, as data URIs. */
export type Pictures = ReadonlyMap<string, string>

/** The order of a palette's colours. */
const ROLES = ['Primary', 'Secondary', 'Accent', 'Background', 'Highlight']

const STATUS_MARKS: Readonly<Record<TaskView['status'], string>> = {
  pending: '○',
  processing: '◐',
  completed: '✓',
  failed: '✕',
  cancelled: '–',
}

/** Nothing but a raster image in the page itself: anything else would be a request, or a document. */
const PICTURE = /^data:image\/(?:png|webp|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/

/** One card a task, with its concept and the variations, or with its error. */
export function renderTaskCards(tasks: readonly TaskView[], pictures: Pictures): Markup {
  if (tasks.length === 0) return markup`<p class="note">There were no tasks.</p>`
  const places = new Map(
    tasks.flatMap(({ concept }, index) => (concept ? [[concept.id, index] as const] : [])),
  )
  return markup`${tasks.map((task, index) => renderCard(task, index, places, pictures))}`
}

function renderCard(
  task: TaskView,
  index: number,
  places: ReadonlyMap<string, number>,
  pictures: Pictures,
): Markup {
  const { concept, status } = task
  return markup`<article class="card" id="${taskAnchor(index)}">
<header><h3>${headingOf(task, index)}</h3><p class="status ${status}"><span aria-hidden="true">${STATUS_MARKS[status]}</span> ${status}</p></header>
${concept === null ? null : renderBrief(concept, places)}
${renderError(task)}
${renderDetails(task)}
${concept === null ? null : renderPictures(concept, pictures)}
</article>`
}

function renderBrief(concept: ConceptView, places: ReadonlyMap<string, number>): Markup {
  const { refinementPrompt, logoDescription, themeDescription } = concept
  const prompt =
    refinementPrompt === null
      ? null
      : markup`<p class="brief" dir="auto">${refinementPrompt}</p>
<p class="origin">${renderOrigin(concept, places)}</p>`
  const kind = refinementPrompt === null ? 'brief' : 'theme'
  return markup`${prompt}
${logoDescription === '' ? null : markup`<p class="${kind}" dir="auto">${logoDescription}</p>`}
${themeDescription === '' ? null : markup`<p class="theme" dir="auto">${themeDescription}</p>`}`
}

function renderOrigin({ originalConceptId }: ConceptView, places: ReadonlyMap<string, number>): Markup {
  if (originalConceptId === null) return markup`Refines an image that is not one of our concepts.`
  const place = places.get(originalConceptId)
  if (place === undefined) return markup`Refines concept <code>${originalConceptId}</code>.`
  return markup`Refines the <a href="#${taskAnchor(place)}">concept of task ${place + 1}</a>:`
}

function renderError({ errorCode, errorMessage }: TaskView): Markup | null {
  if (errorCode === null && errorMessage === null) return null
  return markup`<div class="error"><strong>${errorCode ?? 'error'}</strong><p dir="auto">${errorMessage ?? ''}</p></div>`
}

function renderDetails(task: TaskView): Markup {
  const durationMs = durationOf(task)
  const details: [string, string][] = [
    ['Task', task.id],
    ['Attempt', String(task.attempt)],
    ['From hand-in to end', durationMs === null ? 'not ended' : formatDuration(durationMs)],
  ]
  if (task.concept) details.splice(1, 0, ['Concept', task.concept.id])
  return markup`<dl class="details">
${details.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>`
}

function renderPictures(concept: ConceptView, pictures: Pictures): Markup {
  const { variations } = concept
  const what = concept.refinementPrompt ?? concept.logoDescription
  const swatches = concept.swatches.map(({ name, hex, share }) => ({
    name: `${name} (${Math.round(share * 100)} %)`,
    hex,
  }))
  return markup`<div class="pictures">
<figure class="base">
${renderPicture(pictures.get(concept.imagePath), `Base image: ${what}`)}
<figcaption>${swatches.length === 0 ? null : renderSwatches('Colours found in the image', swatches)}
<strong>Base image</strong>
<p>${variations.length === 0 ? 'No variations' : counted(variations.length, 'variation')}</p></figcaption>
</figure>
${variations.length === 0 ? null : markup`<div class="variations">${variations.map((variation) => renderVariation(variation, pictures))}</div>`}
</div>`
}

function renderVariation(variation: VariationView, pictures: Pictures): Markup {
  const { paletteName, description, derived, colors, imagePath } = variation
  const colours = colors.map((hex, index) => ({ name: ROLES[index] ?? `Colour ${index + 1}`, hex }))
  const mark = markup` <span class="derived" title="Derived from the image, not suggested by the model">derived</span>`
  return markup`<figure>
${renderPicture(pictures.get(imagePath), `Variation in the palette ${paletteName}`)}
<figcaption>${renderSwatches('Palette', colours)}
<strong><bdi>${paletteName}</bdi></strong>${derived ? mark : null}
<p dir="auto">${description}</p></figcaption>
</figure>`
}

function renderPicture(uri: string | undefined, alt: string): Markup {
  if (uri === undefined || !PICTURE.test(uri)) return markup`<div class="picture missing">No picture</div>`
  return markup`<img class="picture" src="${uri}" alt="${alt}" decoding="async">`
}
