import { z } from 'zod'
import { Failure } from './failure.ts'

export const MAX_TEXT_CHARACTERS = 4_000
const MAX_URL_CHARACTERS = 8_192
export const MAX_PALETTES = 15
export const DEFAULT_PALETTES = 7

/**
 * Text of a user: stored as it is, but for lone surrogates, which no UTF-8 can hold and which become U+FFFD.
 * NUL is refused, because Postgres cannot store it.
 */
const text = (minCharacters: number, maxCharacters: number) =>
  z
    .string({ error: 'expected text' })
    .refine((value) => value.trim().length >= minCharacters, { error: 'expected text that is not empty' })
    .refine((value) => value.length <= maxCharacters, {
      error: `expected at most ${maxCharacters} characters`,
    })
    .refine((value) => !value.includes('\0'), { error: 'expected text without NUL characters' })
    .transform((value) => value.toWellFormed())

export const requiredText = text(1, MAX_TEXT_CHARACTERS)
export const optionalText = text(0, MAX_TEXT_CHARACTERS).default('')
export const requiredUrl = text(1, MAX_URL_CHARACTERS)

export const paletteCount = (min: 0 | 1, standard: number) => {
  const error = `expected a whole number from ${min} to ${MAX_PALETTES}`
  return z.number({ error }).int({ error }).min(min, { error }).max(MAX_PALETTES, { error }).default(standard)
}

export const flag = z.boolean({ error: 'expected true or false' })

/** Parses a message's fields by a schema; every wrong field is named in one Failure. */
export function parseFields<S extends z.ZodType>(schema: S, fields: unknown): z.output<S> {
  const parsed = schema.safeParse(fields)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Failure('invalid_request', problems.join('; '))
}
