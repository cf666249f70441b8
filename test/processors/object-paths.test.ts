import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  baseImagePath,
  paidImagePath,
  taskFolder,
  userFolder,
  variationPath,
} from '../../src/processors/object-paths.ts'

const DIGEST = '0123456789abcdef'.repeat(4)

describe('where a task stores its images', () => {
  it('follows from user, task and what the image is made of, with the extension of the format', () => {
    expect(baseImagePath('u1', 't1', DIGEST, 'image/png')).toBe('users/u1/tasks/t1/base-0123456789ab.png')
    expect(variationPath('u1', 't1', 3, DIGEST, 'image/webp')).toBe(
      'users/u1/tasks/t1/variation-03-0123456789ab.webp',
    )
  })

  it('differs for each claim where an image of a model is kept', () => {
    const at = (epoch: string) => paidImagePath('u1', 't1', 'generate_image', epoch, 'image/jpeg')
    expect([at('1'), at('2')]).toEqual([
      'users/u1/tasks/t1/paid-generate_image-1.jpg',
      'users/u1/tasks/t1/paid-generate_image-2.jpg',
    ])
  })

  it("is a folder of the task's own", () => {
    const folder = taskFolder('u1', 't1')
    expect(folder).toBe(`${userFolder('u1')}tasks/t1/`)
    expect(baseImagePath('u1', 't1', DIGEST, 'image/png').startsWith(folder)).toBe(true)
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
