import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { baseImagePath, taskFolder, userFolder, variationPath } from '../../src/processors/object-paths.ts'

describe('where a task stores its images', () => {
  it('follows from user and task alone, with the extension of the format', () => {
    expect(baseImagePath('u1', 't1', 'image/png')).toBe('users/u1/tasks/t1/base.png')
    expect(baseImagePath('u1', 't1', 'image/webp')).toBe('users/u1/tasks/t1/base.webp')
    expect(variationPath('u1', 't1', 3, 'image/png')).toBe('users/u1/tasks/t1/variation-03.png')
    expect(variationPath('u1', 't1', 3, 'image/webp')).toBe('users/u1/tasks/t1/variation-03.webp')
  })

  it("is a folder of the task's own", () => {
    expect(baseImagePath('u1', 't1', 'image/png')).toBe(`${taskFolder('u1', 't1')}base.png`)
    expect(taskFolder('u1', 't1')).toBe(`${userFolder('u1')}tasks/t1/`)
  })

  it.each(['.', '..', '../../etc', 'a/b', 'a\\b', '', 'ünï', '\ud800', 'x'.repeat(5_000), "o'hara!*()~"])(
    'is one plain folder for the user id %j',
    (userId) => {
      expect(userFolder(userId)).toMatch(/^users\/[A-Za-z0-9_%-]{1,200}\/$|^users\/sha256\.[0-9a-f]{64}\/$/)
    },
  )

  it('differs for different users', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(userFolder(a) === userFolder(b)).toBe(a === b)
      }),
    )
  })
})
