/** The demo's user, and what it asks for. */
export const DEMO_USER = 'demo'

export const GENERATIONS = [
  { logo: 'a mountain with a rising sun', theme: 'outdoor adventure at dawn, warm orange and deep blue' },
  { logo: 'a rocket on its way to the stars', theme: 'bold technology, violet night with neon light' },
  { logo: 'a leaf in a circle', theme: 'organic tea from the forest, calm greens' },
  { logo: 'a cup of coffee with steam', theme: 'cosy neighbourhood café, brown and cream' },
  { logo: 'a wave and a fish', theme: 'clean ocean, teal and navy' },
  { logo: 'a fox head', theme: 'playful games studio, bright autumn colours' },
] as const

/** Each refines the image of one of the generations, by its place in the list. */
export const REFINEMENTS = [
  { of: 0, prompt: 'make it cooler and add a ring around it', palettes: 3 },
  { of: 2, prompt: 'use a dark background and add a small star', palettes: 3 },
] as const

export const GENERATION_STAGES = 6
export const REFINEMENT_STAGES = 6
