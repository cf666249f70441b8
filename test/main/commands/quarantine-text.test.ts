import { describe, expect, it } from 'vitest'
import { messageAsJson, renderMessage, renderMessages } from '../../../src/main/commands/quarantine-text.ts'

const message = {
  id: '7',
  messageId: '42',
  reason: 'task_id: expected a UUID',
  sizeBytes: 14,
  keptBytes: 14,
  publishedAt: new Date('2024-05-01T10:00:00Z'),
  quarantinedAt: new Date('2024-05-01T10:00:01Z'),
  replayedAt: null,
  attributes: { source: 'api\u001b[2J' },
  data: Buffer.from('{"task_id": 1}'),
}

describe('the text of quarantined messages', () => {
  it('is one line each, under a heading', () => {
    const replayed = { ...message, id: '10', sizeBytes: 100, replayedAt: new Date('2024-05-02T00:00:00Z') }
    expect(renderMessages([replayed, message])).toBe(
      [
        'id  published                 size                replayed                  reason',
        '10  2024-05-01T10:00:00.000Z  100 bytes, 14 kept  2024-05-02T00:00:00.000Z  task_id: expected a UUID',
        '7   2024-05-01T10:00:00.000Z  14 bytes                                      task_id: expected a UUID',
        '',
      ].join('\n'),
    )
    expect(renderMessages([])).toBe('no messages in quarantine\n')
  })

  it('shows data that is text, and lets nothing of a message drive the terminal', () => {
    const text = renderMessage({ ...message, data: Buffer.from('{\n"a": "\u001b[2J\u009b1m"}') })
    expect(text).toContain('attribute   source=api [2J\n')
    expect(text.endsWith('\n\n{\n"a": " [2J 1m"}\n')).toBe(true)
  })

  it('shows the beginning of text that was cut in the middle of a character', () => {
    const cut = { ...message, data: Buffer.from('aä').subarray(0, 2), keptBytes: 2, sizeBytes: 3 }
    expect(renderMessage(cut)).toContain('\n\na\n')
  })

  it('holds other data as base64 in JSON only', () => {
    const binary = { ...message, data: Buffer.from([0xff, 0x00]) }
    expect(renderMessage(binary)).toContain('(not text; --json prints it as base64)')
    expect(JSON.parse(messageAsJson(binary))).toMatchObject({ id: '7', replayedAt: null, data: '/wA=' })
  })
})
