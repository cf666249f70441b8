import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { HexColor, PaletteColors } from '../../threads/protocol.ts'
import { CommandError, EXIT } from './exit-codes.ts'

const palettes = z
  .array(
    z.object({
      name: z.string({ error: 'expected text' }),
      colors: z
        .array(z.string().regex(/^#[0-9a-fA-F]{6}$/, { error: 'expected a colour as #RRGGBB' }), {
          error: 'expected a list of five colours',
        })
        .length(5, { error: 'expected five colours: primary, secondary, accent, background, highlight' }),
    }),
    {
      error:
        'expected a list of { "name", "colors": ["#RRGGBB", five of them] }, or what "palette --json" prints',
    },
  )
  .min(1, { error: 'expected at least one palette' })

/** What the command `palette --json` prints. */
const analysis = z.object({ derivedPalettes: palettes }).transform(({ derivedPalettes }) => derivedPalettes)

export type NamedPalette = { readonly name: string; readonly colors: PaletteColors }

/**
 * The palettes of a JSON file, in its order: a list of them, or what `palette --json` prints. A mistake names the file
 * and the place.
 */
export async function readPalettes(path: string): Promise<NamedPalette[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path}: cannot be read (${error.code ?? 'unknown'})`, EXIT.dataError)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CommandError(`${path}: expected JSON`, EXIT.dataError)
  }
  const parsed = (isAnalysis(json) ? analysis : palettes).safeParse(json)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${[`${path}:`, issue.path.join('.')].filter(Boolean).join(' ')} ${issue.message}`,
    )
    throw new CommandError(problems.join('\n'), EXIT.dataError)
  }
  return parsed.data.map(({ name, colors }) => ({
    name,
    colors: colors.map((color) => color.toUpperCase() as HexColor) as unknown as PaletteColors,
  }))
}

/** Told apart here, so that a mistake names the place in the one form that is meant. */
const isAnalysis = (json: unknown) => typeof json === 'object' && json !== null && 'derivedPalettes' in json
