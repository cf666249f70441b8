import { z } from 'zod'

/**
 * How a value may be shown: whole; as a URL without its credentials; whole, but as such a URL where somebody has put
 * credentials in; or not at all.
 */
export type Disclosure = 'open' | 'url' | 'address' | 'secret'

export type Meta = {
  /** What it does, in one line. */
  readonly about: string
  /** Range, choices or form, as a mistake is answered with and the listing has it. */
  readonly expected: string
  readonly disclosure?: Disclosure
}

/** One environment variable: what it may hold, and what is said about it. */
export const variable = <S extends z.ZodType>(schema: S, meta: Meta): S => schema.meta({ ...meta })

export const wholeNumber = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(min).max(max))

export const decimal = (min: number, max: number) =>
  z
    .string()
    .regex(/^(\d+(\.\d+)?|\.\d+)$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))

export const urlOf = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol))
