import { describe, expect, it } from 'vitest'
import { responseFailure, retryAfterMs, transportFailure } from '../../../src/main/models/response-failure.ts'

const failure = (status: number, body = '', headers: Record<string, string> = {}) =>
  responseFailure('the image model', status, new Headers(headers), body)

describe('an answer of a model that is not 2xx', () => {
  it.each([
    [400, '', 'bad_request', false],
    [401, '', 'auth', false],
    [402, '', 'quota', false],
    [403, '', 'auth', false],
    [404, '', 'bad_request', false],
    [408, '', 'timeout', true],
    [422, '{"error":"NSFW content detected"}', 'content_policy', false],
    [429, '', 'rate_limited', true],
    [500, '', 'server', true],
    [502, '<html>', 'server', true],
    [503, '', 'server', true],
    [503, '{"estimated_time": 12.5}', 'model_loading', true],
    [302, '', 'server', true],
  ])('HTTP %d %s is %s', (status, body, category, retryable) => {
    expect(failure(status, body)).toMatchObject({ category, retryable })
  })

  it('keeps what the server said about when to come back', () => {
    expect(failure(429, '', { 'retry-after': '7' }).retryAfterMs).toBe(7_000)
    expect(failure(503, '{"estimated_time": 12.5}').retryAfterMs).toBe(12_500)
    expect(failure(500).retryAfterMs).toBeUndefined()
  })

  it('never repeats the body', () => {
    expect(failure(500, 'token hf_secret').message).toBe('the image model failed (HTTP 500)')
  })
})

describe('Retry-After', () => {
  it('is read as seconds and as a date', () => {
    const nowMs = Date.parse('2030-01-01T00:00:00Z')
    expect(retryAfterMs('3', nowMs)).toBe(3_000)
    expect(retryAfterMs('Tue, 01 Jan 2030 00:00:05 GMT', nowMs)).toBe(5_000)
    expect(retryAfterMs('Mon, 31 Dec 2029 00:00:00 GMT', nowMs)).toBe(0)
    expect(retryAfterMs('soon', nowMs)).toBeUndefined()
    expect(retryAfterMs(null, nowMs)).toBeUndefined()
  })
})

describe('a call that brought no answer', () => {
  it('is told apart by whether time ran out', () => {
    const timeout = new TypeError('fetch failed', {
      cause: Object.assign(new Error('x'), { code: 'UND_ERR_HEADERS_TIMEOUT' }),
    })
    expect(transportFailure('the model', timeout).category).toBe('timeout')
    expect(transportFailure('the model', new DOMException('x', 'TimeoutError')).category).toBe('timeout')
    expect(transportFailure('the model', new TypeError('fetch failed')).category).toBe('network')
  })
})
