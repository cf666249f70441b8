import { describe, expect, it } from 'vitest'
import {
  refusalInAnswer,
  responseFailure,
  retryAfterMs,
  transportFailure,
} from '../../../src/main/models/response-failure.ts'

const failure = (status: number, body = '', headers: Record<string, string> = {}) =>
  responseFailure('the image model', status, headers['retry-after'], body)

describe('hostile answers: an answer of a model that is not 2xx', () => {
  it.each([
    [400, '', 'bad_request', false],
    [400, '{"error":"rejected by the content policy"}', 'content_policy', false],
    [401, '', 'auth', false],
    [401, 'moderated', 'auth', false],
    [402, '', 'quota', false],
    [403, '', 'auth', false],
    [403, '{"error":"blocked by moderation"}', 'content_policy', false],
    [404, '', 'bad_request', false],
    [408, '', 'server', true],
    [413, '', 'bad_request', false],
    [422, '', 'bad_request', false],
    [422, '{"error":"NSFW content detected"}', 'content_policy', false],
    [429, '', 'rate_limited', true],
    [500, '', 'server', true],
    [500, '{"error":"NSFW content detected"}', 'server', true],
    [502, '<html>', 'server', true],
    [503, '', 'server', true],
    [503, '{"estimated_time": 12.5}', 'model_loading', true],
    [504, '', 'server', true],
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

describe('hostile answers: Retry-After', () => {
  it('is read as seconds and as a date', () => {
    const nowMs = Date.parse('2030-01-01T00:00:00Z')
    expect(retryAfterMs('3', nowMs)).toBe(3_000)
    expect(retryAfterMs('Tue, 01 Jan 2030 00:00:05 GMT', nowMs)).toBe(5_000)
    expect(retryAfterMs('Mon, 31 Dec 2029 00:00:00 GMT', nowMs)).toBe(0)
    expect(retryAfterMs('Tuesday, 01-Jan-30 00:00:05 GMT', nowMs)).toBe(5_000)
    expect(retryAfterMs('Tue Jan  1 00:00:05 2030 GMT', nowMs)).toBe(5_000)
    expect(retryAfterMs('soon', nowMs)).toBeUndefined()
    expect(retryAfterMs(null, nowMs)).toBeUndefined()
  })

  it('is read in parts of a second too, and what is no time is not taken for one that is past', () => {
    expect(retryAfterMs('2.5', 0)).toBe(2_500)
    expect(retryAfterMs(' 0.0004 ', 0)).toBe(1)
    for (const text of ['-5', '1,5', 'soon 5', '5 s', '']) {
      expect({ text, ms: retryAfterMs(text, Date.now()) }).toEqual({ text, ms: undefined })
    }
  })
})

describe('hostile answers: a call that brought no answer', () => {
  it.each([
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNREFUSED', 'network'],
    ['ECONNRESET', 'network'],
    ['ENOTFOUND', 'network'],
    ['EAI_AGAIN', 'network'],
    ['UND_ERR_SOCKET', 'network'],
    ['HPE_INVALID_CONSTANT', 'network'],
    ['Z_DATA_ERROR', 'invalid_output'],
    ['ERR__ERROR_FORMAT_PADDING_2', 'invalid_output'],
  ])('because of %s is of category %s and may be tried again', (code, category) => {
    const cause = Object.assign(new Error('x'), { code })
    expect(transportFailure('the model', new TypeError('fetch failed', { cause }))).toMatchObject({
      category,
      retryable: true,
    })
  })

  it('is told apart by whether time ran out', () => {
    expect(transportFailure('the model', new DOMException('x', 'TimeoutError')).category).toBe('timeout')
    expect(transportFailure('the model', new TypeError('fetch failed')).category).toBe('network')
  })
})

describe('hostile answers: an answer that is 2xx', () => {
  const refusal = (body: string, type = 'application/json') =>
    refusalInAnswer('the image model', type, Buffer.from(body))?.category

  it.each([
    '{"images":[{"url":"https://results.example.com/1.png"}],"has_nsfw_concepts":[true]}',
    '{"data":{"outputs":["https://results.example.com/1.png"],"has_nsfw_contents":[ false, true ]}}',
    '{"nsfw": true}',
    '{"output":null,"error":"Prompt was flagged by \\"moderation\\""}',
  ])('is a refusal of the content when it is %s', (body) => {
    expect(refusal(body)).toBe('content_policy')
  })

  it.each([
    ['{"images":[{"url":"https://results.example.com/1.png"}],"has_nsfw_concepts":[false]}', undefined],
    ['{"error":null,"output":["https://results.example.com/nsfw.png"]}', undefined],
    ['{"error":"out of memory"}', undefined],
    ['{"nsfw":[["it is true that there is none"]]}', undefined],
    // What a chat model says is text in the JSON and no JSON itself.
    [
      JSON.stringify({ choices: [{ message: { content: '{"nsfw": true, "error": "flagged"}' } }] }),
      undefined,
    ],
    ['{"nsfw": true}', 'image/png'],
    [`{"nsfw": true, "padding": "${'x'.repeat(100_000)}"}`, undefined],
  ])('is none when it is %.80s', (body, type) => {
    expect(refusal(body, type)).toBeUndefined()
  })
})
