import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUserId, parseMessage } from '../../../src/main/intake/message.ts'
import { Failure } from '../../../src/processors/failure.ts'
import { generationFields } from '../../../src/processors/generation.ts'
import { refinementFields } from '../../../src/processors/refinement.ts'
import { parseFields } from '../../../src/processors/request-fields.ts'
import type { TaskReference } from '../../../src/processors/task.ts'
import { anyMessage } from '../../setup/any-message.ts'

const TASK_ID = '6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11'
const bytes = (text: string) => Buffer.from(text)
const message = (fields: object) => bytes(JSON.stringify(fields))
const valid = { task_id: TASK_ID, user_id: 'u1', task_type: 'concept_generation', logo_description: 'x' }

describe('hostile messages: a message', () => {
  it('names a task, and its other fields are left to the processor', () => {
    expect(parseMessage(message({ ...valid, further: 1 }))).toEqual({
      ok: true,
      reference: {
        taskId: TASK_ID,
        userId: 'u1',
        taskType: 'concept_generation',
        fields: { logo_description: 'x', further: 1 },
      },
    })
  })

  it('of an unknown or missing type still names its task, which can then be failed', () => {
    expect(parseMessage(message({ ...valid, task_type: 'dance' }))).toMatchObject({
      ok: true,
      reference: { taskType: 'dance' },
    })
    expect(parseMessage(message({ ...valid, task_type: undefined }))).toMatchObject({
      ok: true,
      reference: { taskType: '' },
    })
  })

  it.each([
    ['is empty', bytes('')],
    ['is no JSON', bytes('hello')],
    ['is base64 of JSON', bytes(Buffer.from(JSON.stringify(valid)).toString('base64'))],
    ['is cut off', bytes(JSON.stringify(valid).slice(0, -2))],
    ['is no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['begins with a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), message(valid)])],
    ['is null', bytes('null')],
    ['is a list', bytes('[]')],
    ['is a text', bytes('"x"')],
    ['lacks task_id', message({ ...valid, task_id: undefined })],
    ['has a task_id that is no UUID', message({ ...valid, task_id: '1; DROP TABLE tasks' })],
    ['has a task_id that is a number', message({ ...valid, task_id: 7 })],
    ['lacks user_id', message({ ...valid, user_id: undefined })],
    ['has an empty user_id', message({ ...valid, user_id: '' })],
    ['has NUL in user_id', message({ ...valid, user_id: 'a\0b' })],
    ['has half a surrogate pair in user_id', message({ ...valid, user_id: 'a\ud800' })],
    ['has an endless user_id', message({ ...valid, user_id: 'x'.repeat(5_000) })],
    ['is nested a million deep', bytes('['.repeat(1_000_000))],
    ['is nested deep in a field', bytes(`{"a":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`)],
    ['is larger than 2 MiB', Buffer.alloc(3_000_000, ' ')],
  ])('that %s is refused with a reason', (_, data) => {
    const parsed = parseMessage(data)
    expect(parsed.ok).toBe(false)
    expect(parsed.ok ? '' : parsed.reason).toMatch(/expected/)
  })

  it('may hold brackets in its texts, however many', () => {
    expect(parseMessage(message({ ...valid, logo_description: '[{"\\'.repeat(500) })).ok).toBe(true)
  })

  it('of any kind at all is parsed or refused, and what comes of it is sound', () => {
    let parsed = 0
    const isSound = (make: (ids: { taskId: string; userId: string }) => Buffer) => {
      const message = parseMessage(make({ taskId: TASK_ID, userId: 'u1' }))
      if (message.ok) parsed++
      return message.ok ? isSoundReference(message.reference) : REASON.test(message.reason)
    }
    fc.assert(fc.property(anyMessage, isSound), { numRuns: 20_000 })
    expect(parsed).toBeGreaterThan(1_000)
  })
})

/** A reason names a field and a form, and repeats nothing of the message. */
const REASON = /^(task_id: |user_id: )?expected (JSON|a JSON object|a UUID|text|at most)[\w ,-]*$/

function isSoundReference({ taskId, userId, taskType, fields }: TaskReference): boolean {
  return (
    /^[0-9a-f-]{36}$/.test(taskId) &&
    isUserId(userId) &&
    !taskType.includes('\0') &&
    !['task_id', 'user_id', 'task_type'].some((name) => Object.hasOwn(fields, name)) &&
    Object.getPrototypeOf(fields) === Object.prototype &&
    isRefusedOrStorable(generationFields, fields) &&
    isRefusedOrStorable(refinementFields, fields)
  )
}

/** Nothing but a Failure that names fields may come of a request, or texts that Postgres can store. */
function isRefusedOrStorable(
  schema: typeof generationFields | typeof refinementFields,
  fields: object,
): boolean {
  try {
    const texts = Object.values(parseFields(schema, fields)).filter((value) => typeof value === 'string')
    return texts.every((text) => text.isWellFormed() && !text.includes('\0'))
  } catch (error) {
    return (
      error instanceof Failure && error.category === 'invalid_request' && /^\w+: expected/.test(error.message)
    )
  }
}
