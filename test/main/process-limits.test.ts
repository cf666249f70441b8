import { describe, expect, it } from 'vitest'
import { limitReached } from '../../src/main/process-limits.ts'

describe('an error that comes of a limit of the process', () => {
  const tooManyFiles = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })

  it('is known by its causes, however many there are', () => {
    let error: Error = tooManyFiles
    for (let i = 0; i < 100_000; i++) error = new Error('no image', { cause: error })
    expect(limitReached(error)?.message).toContain('(EMFILE)')
  })

  it('is known where it is one of several, whatever the others are', () => {
    const several = new AggregateError([
      'refused',
      new Error('refused'),
      new Error('no image', { cause: tooManyFiles }),
    ])
    expect(limitReached(new Error('no connection', { cause: several }))?.message).toContain('(EMFILE)')
    expect(limitReached(new AggregateError([new Error('refused')]))).toBeUndefined()
  })

  it('is not one that is its own cause', () => {
    const [one, other] = [new Error('one'), new Error('other')]
    Object.assign(one, { cause: other })
    Object.assign(other, { cause: one })
    expect(limitReached(one)).toBeUndefined()
    const several = new AggregateError([one])
    several.errors.push(several)
    expect(limitReached(several)).toBeUndefined()
  })
})
