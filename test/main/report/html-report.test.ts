import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TaskView } from '../../../src/main/concepts/task-view.ts'
import { renderHtmlReport, type HtmlReport } from '../../../src/main/report/html-report.ts'
import { stageStatistics } from '../../../src/main/report/stage-statistics.ts'
import type { HexColor } from '../../../src/threads/protocol.ts'
import { concept, failedTask, stage, START_MS, task, variation } from './made-up-tasks.ts'

const PIXEL = 'data:image/png;base64,iVBORw0KGgo='

function render(tasks: readonly TaskView[], more: Partial<HtmlReport> = {}): string {
  return renderHtmlReport({
    title: 'Demo',
    tasks,
    pictures: new Map(),
    statistics: stageStatistics(tasks),
    tasksMs: 4_219,
    wallMs: 6_731,
    facts: [{ name: 'Image threads', value: '2' }],
    ...more,
  })
}

/** A made-up task of every kind whose texts are all `text`. */
function tasksThatSay(text: string): TaskView[] {
  const spoken = concept({
    id: text,
    logoDescription: text,
    themeDescription: text,
    imagePath: text,
    variations: [variation({ paletteName: text, description: text, derived: true, imagePath: text })],
  })
  const stages = [stage(text, 0, 0, 5), stage(text, 1, 0, 2, { step: text, item: 0 })]
  const refined = concept({ refinementPrompt: text, originalConceptId: text.slice(1) })
  return [
    task({ id: text, type: text, concept: spoken, stages }),
    task({ type: 'concept_refinement', concept: refined }),
    failedTask({ errorCode: text, errorMessage: text }),
  ]
}

/** The tags of a page with the names of their attributes: what a browser builds, without any text. */
function skeletonOf(html: string): string[] {
  return [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/="[^"]*"/g, ''))
}

const count = (html: string, part: string) => html.split(part).length - 1

describe('the report', () => {
  it('begins with the outcome', () => {
    const html = render([task(), task(), failedTask(), task({ status: 'cancelled', concept: null })])
    expect(html).toContain('<h1>2 tasks completed, 1 failed, 1 cancelled</h1>')
    expect(html).toContain('<dt>concepts</dt><dd>2</dd>')
    expect(html).toContain('<dt>variations</dt><dd>2</dd>')
    expect(html).toContain('<dt>4 tasks in</dt><dd>4.2 s</dd>')
    expect(html).toContain('<dt>with services and pages</dt><dd>6.7 s</dd>')
    expect(html).toContain('<dt>First stage</dt><dd>2025-11-23 12:00:00 UTC</dd>')
    expect(html).toContain('<dt>Image threads</dt><dd>2</dd>')
  })

  it('has its headings in order', () => {
    const html = render([task(), failedTask()])
    expect([...html.matchAll(/<h(\d)/g)].map(([, level]) => level).join('')).toBe('122233')
  })

  it('needs nothing beyond itself', () => {
    const html = render([task(), failedTask()], { pictures: new Map([['demo/one/base.png', PIXEL]]) })
    const addresses = [...html.matchAll(/\s(?:src|href|srcset|action|data|poster)="([^"]*)"/g)].map(
      ([, to]) => to,
    )
    expect(addresses.length).toBeGreaterThan(3)
    for (const address of addresses) expect(address).toMatch(/^(#task-\d+$|data:)/)
    expect(html).not.toMatch(/https?:|file:|url\(|@import|<script|<iframe|<object|<form/i)
  })

  it('forbids scripts and the network, and allows its own style sheet alone', () => {
    const html = render([task()])
    const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]
    expect(policy?.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    )
    expect(html).not.toContain('style="')
  })

  it('says so when there are no tasks', () => {
    const html = render([])
    expect(html).toContain('<h1>0 tasks completed, none failed</h1>')
    expect(html).toContain('There were no tasks.')
    expect(count(html, 'No stage was measured.')).toBe(2)
    expect(html).not.toContain('NaN')
  })
})

describe('hostile text in a task', () => {
  const hostile = [
    `<script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `' onmouseover='alert(1)`,
    `</style></title></svg><svg onload=alert(1)>`,
    `javascript:alert(1)`,
    `<!-- `,
    `\`\${alert(1)}`,
  ]

  it.each(hostile)('changes no tag: %s', (text) => {
    const facts = [{ name: text, value: text }]
    const html = render(tasksThatSay(text), { title: text, facts })
    const harmless = render(tasksThatSay('harmless'), {
      title: 'harmless',
      facts: [{ name: 'harmless', value: 'harmless' }],
    })
    expect(skeletonOf(html)).toEqual(skeletonOf(harmless))
    expect(html).not.toMatch(/href="javascript/i)
  })

  it('is no picture unless it is a raster image in the page itself', () => {
    const uris = [
      'https://example.com/a.png',
      'javascript:alert(1)',
      'data:text/html;base64,AAAA',
      'data:image/svg+xml;base64,AAAA',
      'data:image/png;base64,AAAA" onload="alert(1)',
    ]
    for (const uri of uris) {
      const html = render([task()], { pictures: new Map([['demo/one/base.png', uri]]) })
      expect(html).not.toContain('<img')
      expect(count(html, 'No picture')).toBe(2)
    }
  })

  it('is no colour unless it is six hex digits', () => {
    const colors = ['#11AA22', 'red', '#12', 'url(#x)', '#11AA22;x'] as unknown as HexColor[]
    const html = render([task({ concept: concept({ swatches: [], variations: [variation({ colors })] }) })])
    expect([...html.matchAll(/fill="([^"]*)"/g)].map(([, fill]) => fill)).toEqual([
      '#11AA22',
      ...Array(4).fill('none'),
    ])
    expect(html).toContain('<title>Primary #11AA22</title>')
    expect(html).toContain('<title>Secondary: not a colour</title>')
  })
})

describe('the card of a task', () => {
  it('shows the pictures with alternative texts, the palettes and the mark of derived ones', () => {
    const variations = [variation(), variation({ paletteName: 'Complement', derived: true, imagePath: 'b' })]
    const pictures = new Map(
      ['demo/one/base.png', 'demo/one/variation-0.png', 'b'].map((path) => [path, PIXEL]),
    )
    const html = render([task({ concept: concept({ variations }) })], { pictures })
    expect([...html.matchAll(/<img [^>]*alt="([^"]*)"/g)].map(([, alt]) => alt)).toEqual([
      'Base image: a mountain with a rising sun',
      'Variation in the palette Alpine Lake',
      'Variation in the palette Complement',
    ])
    expect(html).toContain('aria-label="Palette: #112233, #445566, #778899, #AABBCC, #DDEEFF"')
    expect(html).toContain('<title>Highlight #DDEEFF</title>')
    expect(html).toContain('<title>Vibrant (25 %) #E4572E</title>')
    expect(count(html, '>derived</span>')).toBe(1)
    expect(html.indexOf('>derived</span>')).toBeGreaterThan(html.indexOf('Complement</bdi>'))
  })

  it('tells status, attempt, ids and duration in words', () => {
    const html = render([task({ attempt: 3 })])
    expect(html).toContain('</span> completed</p>')
    expect(html).toContain('<dt>Attempt</dt><dd>3</dd>')
    expect(html).toContain('<dt>Task</dt><dd>a0000000-0000-4000-8000-000000000001</dd>')
    expect(html).toContain('<dt>Concept</dt><dd>c0000000-0000-4000-8000-000000000001</dd>')
    expect(html).toContain('<dt>From hand-in to end</dt><dd>2.0 s</dd>')
  })

  it('has the code and the message of a failure, and no pictures', () => {
    const html = render([failedTask()])
    expect(html).toContain('</span> failed</p>')
    expect(html).toContain('<strong>content_policy</strong>')
    expect(html).toContain('generate_image: the model refused the description')
    expect(html).not.toContain('<figure')
    expect(html).toContain('aria-label="Stages: generate_image 120 ms (failed)."')
    expect(html).toMatch(/<text class="fault"[^>]*>✕<\/text>/)
  })

  it('has no duration while the task goes on', () => {
    const going = task({ status: 'processing', completedAt: null, concept: null })
    expect(render([going])).toContain('<dt>From hand-in to end</dt><dd>not ended</dd>')
  })

  it('leads from a refinement to the concept that it refines', () => {
    const prompt = 'make it cooler'
    const own = { id: 'c2', refinementPrompt: prompt, originalConceptId: concept().id }
    const refinement = task({ type: 'concept_refinement', concept: concept(own) })
    const html = render([failedTask(), task(), refinement])
    expect(html).toContain('Refines the <a href="#task-2">concept of task 2</a>')
    expect(html).toContain('id="task-2"')
    expect(html).toContain(`<p class="brief" dir="auto">${prompt}</p>`)
    expect(render([refinement])).toContain(`Refines concept <code>${concept().id}</code>.`)
  })

  it('does not show where an original came from: its address may hold a signature', () => {
    const originalImageUrl = 'https://example.com/logo.png?signature=abc'
    const html = render([task({ concept: concept({ refinementPrompt: 'x', originalImageUrl }) })])
    expect(html).toContain('Refines an image that is not one of our concepts.')
    expect(html).not.toContain('signature')
  })
})

describe('the waterfall', () => {
  it('places bars on the common axis and tells their times', () => {
    const stages = [stage('generate_image', 0, 0, 500), stage('prepare_image', 500, 300, 200)]
    const html = render([task({ stages })])
    expect(html).toContain('<rect class="run" x="0%" y="9" width="50%" height="14"/>')
    expect(html).toContain('<rect class="wait" x="50%" y="9" width="50%" height="14"/>')
    expect(html).toContain('<rect class="run" x="80%" y="9" width="20%" height="14"/>')
    expect(html).toContain(
      '<title>prepare_image: 500.0 ms (waited 300.0 ms, ran 200.0 ms)\nfrom 500.0 ms to 1000.0 ms</title>',
    )
  })

  it('keeps every bar within the axis, however short it is', () => {
    const stages = [stage('generate_image', 0, 0, 100_000), stage('store_concept', 100_000, 0, 0.01)]
    const html = render([task({ stages })])
    expect(html).toContain('<rect class="wait" x="99.75%" y="9" width="0.25%" height="14"/>')
  })

  it('explains the colours of the stages that were measured', () => {
    const legend = /<ul class="legend">(.*?)<\/ul>/s.exec(render([task()]))?.[1]
    expect(legend).toContain('stage-1')
    expect(legend).toContain('generate_image')
    expect(legend).not.toContain('refine_image')
  })

  it('tells a stage that was taken over from an earlier attempt from one that failed', () => {
    const stages = [
      stage('generate_image', 0, 0, 400),
      stage('generate_image', 500, 0, 10, { attempt: 2, outcome: 'resumed' }),
    ]
    const html = render([task({ stages })])
    expect(html).toContain('>↻</text>')
    expect(html).not.toContain('>✕</text>')
    expect(html).toContain('</span>taken over from an earlier attempt</li>')
    expect(html).toContain('from 500.0 ms to 510.0 ms\ntaken over from an earlier attempt</title>')
    expect(render([task()])).not.toContain('taken over')
  })

  it('bears with a clock that ran backwards and with a task that measured nothing', () => {
    const early = task({ createdAt: new Date(START_MS + 9_999), stages: [] })
    const html = render([early, task()])
    expect(html).toContain('aria-label="No stage was measured."')
    expect(html).toContain('<dd>0.0 ms</dd>')
  })
})
