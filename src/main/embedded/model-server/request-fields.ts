import { z } from 'zod'
import { RequestRefusal } from './request-refusal.ts'

/** The fields of a request by their schema. Refuses with 400, with every mistake named; values are not repeated. */
export function parseRequest<S extends z.ZodType>(schema: S, fields: unknown): z.output<S> {
  const parsed = schema.safeParse(fields)
  if (parsed.success) return parsed.data
  const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
  throw new RequestRefusal(400, mistakes.join('; '))
}
