import { z } from 'zod'
import { renderLogo } from './drawing/logo-rendering.ts'
import { editImage } from './editing/image-edits.ts'
import { parseJson } from './request-body.ts'
import { parseRequest } from './request-fields.ts'

const DEFAULT_SIDE_PX = 1024
const MIN_SIDE_PX = 64
const MAX_SIDE_PX = 2048
const MAX_PROMPT_CHARACTERS = 10_000

const side = z
  .number(`expected a whole number of pixels from ${MIN_SIDE_PX} to ${MAX_SIDE_PX}`)
  .int()
  .min(MIN_SIDE_PX)
  .max(MAX_SIDE_PX)
  .default(DEFAULT_SIDE_PX)
const seed = z.number().default(0)
const text = z.string().trim().min(1).max(MAX_PROMPT_CHARACTERS)

/** A prompt to draw, as text to image sends it. Further parameters are for models and ignored. */
const drawRequest = z.object({
  inputs: text,
  parameters: z.object({ seed, width: side, height: side }).prefault({}),
})

/** An image in base64 with an instruction, as image to image sends it. */
const editRequest = z.object({
  inputs: z.string().min(1),
  parameters: z.object({ prompt: text, seed }),
})

/**
 * Answers both image tasks, which share one address: a request with a prompt among its parameters is an edit. A
 * body that is an image itself is an edit without an instruction. The answer is a PNG.
 */
export async function answerImageTask(mediaType: string, body: Buffer): Promise<Buffer> {
  if (mediaType.startsWith('image/')) return editImage(body, '', 0)
  const fields = parseJson(mediaType, body)
  if (isEdit(fields)) {
    const { inputs, parameters } = parseRequest(editRequest, fields)
    return editImage(
      Buffer.from(inputs.replace(/^data:[^,]*,/, ''), 'base64'),
      parameters.prompt,
      parameters.seed,
    )
  }
  const { inputs, parameters } = parseRequest(drawRequest, fields)
  return renderLogo(inputs, parameters.seed, parameters)
}

const isEdit = (fields: unknown): boolean =>
  z
    .object({ parameters: z.object({ prompt: z.unknown().refine((prompt) => prompt !== undefined) }) })
    .safeParse(fields).success
