import { describe, expect, it } from 'vitest'
import { checkSubmission } from '../../../src/main/commands/submission-check.ts'
import { GENERATION, REFINEMENT, type TaskType } from '../../../src/processors/task.ts'

const FIELDS = {
  [GENERATION]: { logo_description: 'a fox', theme_description: 'autumn' },
  [REFINEMENT]: { refinement_prompt: 'bluer', original_image_url: 'file:///srv/images/x.png' },
}

const check = (taskType: TaskType, fields: object, userId = 'user-1') =>
  checkSubmission(userId, taskType, { ...FIELDS[taskType], ...fields })

describe('a task that is handed in on the command line', () => {
  it.each([GENERATION, REFINEMENT] as const)('may be as large as the worker takes it: %s', (taskType) => {
    const longest = 'x'.repeat(4_000)
    const texts =
      taskType === GENERATION
        ? { logo_description: longest, theme_description: longest }
        : { refinement_prompt: longest }
    expect(() => check(taskType, { ...texts, num_palettes: 15 }, 'u'.repeat(1_024))).not.toThrow()
  })

  it.each([
    ['', 'empty'],
    ['u'.repeat(1_025), 'over-long'],
    ['a\0b', 'with NUL'],
  ])('is refused for the user %j, which is %s', (userId) => {
    expect(() => check(GENERATION, {}, userId)).toThrow(
      '--user: expected text of 1 to 1024 characters without NUL',
    )
  })

  it.each([
    [GENERATION, 'logo_description', '--logo'],
    [GENERATION, 'theme_description', '--theme'],
    [REFINEMENT, 'refinement_prompt', '--prompt'],
    [REFINEMENT, 'logo_description', '--logo'],
    [REFINEMENT, 'theme_description', '--theme'],
  ] as const)(
    'is refused for a text of %s that does not fit, and the option is named: %s',
    (type, field, option) => {
      for (const [text, reason] of [
        ['x'.repeat(4_001), 'expected at most 4000 characters'],
        ['a\0b', 'expected text without NUL characters'],
      ]) {
        expect(() => check(type, { [field]: text })).toThrow(`${option}: ${reason}`)
      }
    },
  )

  it.each([
    ['./logo.png', '--image: expected the URL of a stored image, or an http or https URL'],
    ['ftp://example.com/logo.png', '--image: expected the URL of a stored image, or an http or https URL'],
    ['http:example.com', '--image: expected the URL of a stored image, or an http or https URL'],
    ['https://me:pw@example.com/x.png', '--image: expected an http or https URL without user name and'],
    ['', '--image: expected text that is not empty'],
    [`https://example.com/${'x'.repeat(8_192)}`, '--image: expected at most 8192 characters'],
  ])('is refused for the image %.20j', (url, reason) => {
    expect(() => check(REFINEMENT, { original_image_url: url })).toThrow(reason)
  })

  it.each([
    'https://example.com/x.png',
    'HTTP://example.com/x.png',
    'gs://bucket/x.png',
    's3://bucket/x.png',
  ])('may have the image %s', (url) => {
    expect(() => check(REFINEMENT, { original_image_url: url })).not.toThrow()
  })

  it('is refused once, with a line for every wrong option', () => {
    const refusing = () => check(GENERATION, { logo_description: '', num_palettes: 0 }, '')
    expect(refusing).toThrow(expect.objectContaining({ exitCode: 64 }))
    expect(refusing).toThrow(/^--user: .*\n--logo: .*\n--palettes: .*$/)
  })
})
