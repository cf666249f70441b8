import type { QuarantinedContent, QuarantinedMessage } from '../intake/quarantine-archive.ts'
import { renderTable } from './text-table.ts'

/** One line a message, for a person. */
export function renderMessages(messages: readonly QuarantinedMessage[]): string {
  if (messages.length === 0) return 'no messages in quarantine\n'
  const rows = messages.map((message) => [
    message.id,
    message.publishedAt.toISOString(),
    sizeOf(message),
    message.replayedAt === null ? '' : message.replayedAt.toISOString(),
    message.reason,
  ])
  return renderTable([['id', 'published', 'size', 'replayed', 'reason'], ...rows])
}

/** A message with its data as text where it is text. */
export function renderMessage(message: QuarantinedContent): string {
  const lines = [
    field('id', message.id),
    field('message', message.messageId),
    field('reason', message.reason),
    field('published', message.publishedAt.toISOString()),
    field('kept since', message.quarantinedAt.toISOString()),
    field('replayed', message.replayedAt?.toISOString() ?? 'never'),
    field('size', sizeOf(message)),
    ...Object.entries(message.attributes).map(([name, value]) => field('attribute', `${name}=${value}`)),
  ]
  const text = textOf(message)
  const data = text === null ? '(not text; --json prints it as base64)' : printable(text, /[^\P{Cc}\n\t]/gu)
  return `${lines.map((line) => `${printable(line)}\n`).join('')}\n${data}\n`
}

export function messageAsJson({ data, ...message }: QuarantinedContent): string {
  return JSON.stringify({ ...message, data: data.toString('base64') }, null, 2)
}

const LABEL_WIDTH = 12
const field = (label: string, value: string) => `${label.padEnd(LABEL_WIDTH)}${value}`

function sizeOf({ sizeBytes, keptBytes }: QuarantinedMessage): string {
  return keptBytes < sizeBytes ? `${sizeBytes} bytes, ${keptBytes} kept` : `${sizeBytes} bytes`
}

/** Null where it is none; the last character of data that was cut may be half there. */
function textOf({ data, sizeBytes, keptBytes }: QuarantinedContent): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data, { stream: keptBytes < sizeBytes })
  } catch {
    return null
  }
}

/** What comes from a message must not drive the terminal. */
function printable(text: string, control = /\p{Cc}/gu): string {
  return text.replace(control, ' ')
}
