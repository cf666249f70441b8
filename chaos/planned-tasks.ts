import { GENERATION, REFINEMENT, type TaskType } from '../src/processors/task.ts'
import type { Random } from './random.ts'

/** A task to be handed in, and how it has to end. */
export type PlannedTask = {
  readonly type: TaskType
  readonly userId: string
  /** A refinement's original: the image of the newest concept there is, or an address that no worker may dial. */
  readonly original: 'none' | 'newest' | 'forbidden'
  readonly fields: Readonly<Record<string, unknown>>
  readonly variations: number
  readonly expected: 'completed' | 'failed'
  readonly isPublishedTwice: boolean
}

const LOGOS = [
  'a fox',
  'a rocket',
  'a mountain',
  'a leaf',
  'a cup of coffee',
  'a wave',
  'a lighthouse',
  'a cat',
]
const THEMES = ['autumn', 'neon night', 'calm forest', 'clean ocean', 'dawn', 'cosy café']
const PROMPTS = ['make it warmer', 'make it cooler', 'use a dark background', 'much brighter']
const USER = 'chaos'

const REFINEMENT_SHARE = 0.25
const HOSTILE_SHARE = 0.04
const DUPLICATE_SHARE = 0.1

/** The same list for the same sequence of numbers. */
export function planTasks(count: number, random: Random): PlannedTask[] {
  return Array.from({ length: count }, () => {
    const isPublishedTwice = random.chance(DUPLICATE_SHARE)
    const isHostile = random.chance(HOSTILE_SHARE)
    const task = random.chance(REFINEMENT_SHARE)
      ? refinement(random, isHostile)
      : generation(random, isHostile)
    return { ...task, userId: USER, isPublishedTwice, expected: isHostile ? 'failed' : 'completed' }
  })
}

type Content = Pick<PlannedTask, 'type' | 'original' | 'fields' | 'variations'>

function generation(random: Random, isHostile: boolean): Content {
  const variations = 1 + Math.floor(random.next() * 3)
  return {
    type: GENERATION,
    original: 'none',
    fields: {
      logo_description: random.pick(LOGOS),
      theme_description: random.pick(THEMES),
      num_palettes: isHostile ? 1_000_000 : variations,
    },
    variations,
  }
}

function refinement(random: Random, isHostile: boolean): Content {
  const variations = Math.floor(random.next() * 2)
  return {
    type: REFINEMENT,
    original: isHostile ? 'forbidden' : 'newest',
    fields: { refinement_prompt: random.pick(PROMPTS), num_palettes: variations },
    variations,
  }
}
