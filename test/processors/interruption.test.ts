import { expect, it } from 'vitest'
import { Interruption } from '../../src/processors/interruption.ts'

const stop = new Error('the worker stops')

it('an interruption reaches those who listen, and those who ask later', () => {
  const interruption = new Interruption()
  const { signal } = interruption
  expect(interruption.aborted).toBe(false)
  interruption.throwIfAborted()
  interruption.abort(stop)
  interruption.abort(new Error('once more'))
  expect(signal.reason).toBe(stop)
  expect(() => interruption.throwIfAborted()).toThrow(stop)
})

it('an interruption that came before anybody listened is not missed', () => {
  const interruption = new Interruption()
  interruption.abort(stop)
  expect(interruption.signal.aborted).toBe(true)
  expect(interruption.signal.reason).toBe(stop)
})
