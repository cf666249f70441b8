import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { suggestPalettes } from './palettes/palette-answers.ts'
import { parseJson } from './request-body.ts'
import { parseRequest } from './request-fields.ts'
import { RequestRefusal } from './request-refusal.ts'

/** What a completion says it was made by. */
export const RULE_NAME = 'drawn-by-rule'

const content = z.union([
  z.string(),
  z
    .array(z.object({ type: z.string(), text: z.string().optional() }))
    .transform((parts) => parts.flatMap((part) => part.text ?? []).join('\n')),
])

const chatRequest = z.object({
  messages: z.array(z.object({ role: z.string(), content: content.nullish() })).min(1),
  seed: z.number().nullish(),
  stream: z.boolean().nullish(),
})

/** Answers a chat request in OpenAI's shape; the message is `{ "palettes": … }` for the words of the user. */
export function answerChat(mediaType: string, body: Buffer): object {
  const { messages, seed, stream } = parseRequest(chatRequest, parseJson(mediaType, body))
  if (stream === true) throw new RequestRefusal(400, 'stream: answers are not streamed here')
  const request = messages
    .flatMap((message) => (message.role === 'user' ? (message.content ?? []) : []))
    .join('\n')
  if (request.trim() === '') throw new RequestRefusal(400, 'messages: expected a message of the user')
  const answer = JSON.stringify({ palettes: suggestPalettes(request, seed ?? 0) })
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: RULE_NAME,
    system_fingerprint: RULE_NAME,
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: answer } }],
    usage: usageOf(request, answer),
  }
}

/** Nothing is counted in tokens here; a client that reads the field finds the usual four characters for one. */
function usageOf(request: string, answer: string): object {
  const [prompt, completion] = [Math.ceil(request.length / 4), Math.ceil(answer.length / 4)]
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}
