import type { ConceptView, StageView, TaskView, VariationView } from '../../../src/main/concepts/task-view.ts'

/** The moment from which the made-up stages count. */
export const START_MS = Date.UTC(2025, 10, 23, 12)

/** A stage that starts `atMs` after the beginning, waits and then runs. */
export function stage(
  name: string,
  atMs: number,
  waitMs: number,
  runMs: number,
  more: Partial<StageView> = {},
): StageView {
  return {
    stage: name,
    step: null,
    item: null,
    attempt: 1,
    startedAt: new Date(START_MS + atMs),
    waitMs,
    runMs,
    outcome: 'ok',
    errorCode: null,
    ...more,
  }
}

export function variation(more: Partial<VariationView> = {}): VariationView {
  return {
    id: 'e3a1c9f0-0000-4000-8000-000000000001',
    paletteName: 'Alpine Lake',
    colors: ['#112233', '#445566', '#778899', '#AABBCC', '#DDEEFF'],
    description: 'Cold water under a clear sky',
    derived: false,
    imagePath: 'demo/one/variation-0.png',
    imageUrl: 'file:///images/variation-0.png',
    ...more,
  }
}

export function concept(more: Partial<ConceptView> = {}): ConceptView {
  return {
    id: 'c0000000-0000-4000-8000-000000000001',
    logoDescription: 'a mountain with a rising sun',
    themeDescription: 'outdoor adventure at dawn',
    isAnonymous: true,
    imagePath: 'demo/one/base.png',
    imageUrl: 'file:///images/base.png',
    refinementPrompt: null,
    originalImageUrl: null,
    originalConceptId: null,
    swatches: [{ name: 'Vibrant', hex: '#E4572E', share: 0.25 }],
    variations: [variation()],
    ...more,
  }
}

export function task(more: Partial<TaskView> = {}): TaskView {
  return {
    id: 'a0000000-0000-4000-8000-000000000001',
    userId: 'demo',
    type: 'concept_generation',
    status: 'completed',
    attempt: 1,
    resultId: 'c0000000-0000-4000-8000-000000000001',
    errorCode: null,
    errorMessage: null,
    attempts: [],
    createdAt: new Date(START_MS - 100),
    updatedAt: new Date(START_MS + 1_900),
    completedAt: new Date(START_MS + 1_900),
    concept: concept(),
    cost: { calls: 1, seconds: 0.8, retries: 0 },
    stages: [stage('generate_image', 0, 0, 800), stage('store_concept', 1_880, 0, 6)],
    ...more,
  }
}

export function failedTask(more: Partial<TaskView> = {}): TaskView {
  return task({
    id: 'a0000000-0000-4000-8000-000000000002',
    status: 'failed',
    resultId: null,
    errorCode: 'content_policy',
    errorMessage: 'generate_image: the model refused the description',
    completedAt: null,
    concept: null,
    stages: [stage('generate_image', 5, 0, 120, { outcome: 'failed', errorCode: 'content_policy' })],
    ...more,
  })
}
