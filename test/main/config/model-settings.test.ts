import { INFERENCE_PROVIDERS } from '@huggingface/inference'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { listConfig } from '../../../src/main/config/listing.ts'
import { PROVIDERS } from '../../../src/main/config/model-variables.ts'
import { problemsOf } from './problems.ts'

describe('the configuration of the models', () => {
  it('has a model and parameters for each task where nothing is set', () => {
    expect(loadConfig({ MAX_TASKS_IN_FLIGHT: '24' }).models).toEqual({
      token: null,
      endpointUrl: null,
      embedded: true,
      image: {
        model: 'black-forest-labs/FLUX.1-schnell',
        provider: null,
        endpointUrl: null,
        parameters: { width: 1024, height: 1024, num_inference_steps: 4 },
      },
      edit: { model: 'Qwen/Qwen-Image-Edit', provider: null, endpointUrl: null, parameters: {} },
      palette: {
        model: 'Qwen/Qwen3-32B',
        provider: null,
        endpointUrl: null,
        parameters: { max_tokens: 4096 },
      },
      timeoutMs: 120_000,
      concurrency: 24,
    })
  })

  it('takes model, provider or endpoint, and parameters for each task by itself', () => {
    const config = loadConfig({
      HF_TOKEN: 'hf_x',
      IMAGE_MODEL: 'a/image',
      IMAGE_PROVIDER: 'fal-ai',
      IMAGE_PARAMETERS: '{"guidance_scale":3.5,"negative_prompt":"text","anything":{"else":[1]}}',
      EDIT_ENDPOINT_URL: 'https://edit.example.com/run',
      PALETTE_PROVIDER: 'auto',
      PALETTE_PARAMETERS: ' {} ',
      MODEL_CONCURRENCY: '3',
    })
    expect(config.models).toMatchObject({
      embedded: false,
      image: {
        model: 'a/image',
        provider: 'fal-ai',
        parameters: { guidance_scale: 3.5, negative_prompt: 'text', anything: { else: [1] } },
      },
      edit: { provider: null, endpointUrl: 'https://edit.example.com/run' },
      palette: { provider: 'auto', parameters: {} },
      concurrency: 3,
    })
    expect(Object.isFrozen(config.models.image.parameters)).toBe(true)
  })

  it.each([
    ['all three have one', { IMAGE: 'http://a', EDIT: 'http://b', PALETTE: 'http://c' }, false],
    ['one of them has none', { IMAGE: 'http://a', EDIT: 'http://b' }, true],
  ])('needs no embedded server where each task has an endpoint: %s', (_, urls, embedded) => {
    const env = Object.fromEntries(Object.entries(urls).map(([task, url]) => [`${task}_ENDPOINT_URL`, url]))
    expect(loadConfig(env).models).toMatchObject({ embedded, endpointUrl: null })
  })

  it.each([
    ['IMAGE_PROVIDER', 'nobody'],
    ['IMAGE_PROVIDER', 'groq'],
    ['EDIT_PROVIDER', 'nscale'],
    ['PALETTE_PROVIDER', 'replicate'],
    ['IMAGE_ENDPOINT_URL', 'example.com/model'],
    ['EDIT_ENDPOINT_URL', 'https://user:password@example.com'],
    ['PALETTE_ENDPOINT_URL', 'ftp://example.com'],
    ['IMAGE_PARAMETERS', 'steps=4'],
    ['IMAGE_PARAMETERS', '[]'],
    ['IMAGE_PARAMETERS', 'null'],
    ['IMAGE_PARAMETERS', '{"width":100000}'],
    ['IMAGE_PARAMETERS', '{"height":"1024"}'],
    ['IMAGE_PARAMETERS', '{"num_inference_steps":2.5}'],
    ['IMAGE_PARAMETERS', '{"seed":1}'],
    ['IMAGE_PARAMETERS', `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['EDIT_PARAMETERS', '{"prompt":"x"}'],
    ['EDIT_PARAMETERS', '{"strength":2}'],
    ['PALETTE_PARAMETERS', '{"max_tokens":0}'],
    ['PALETTE_PARAMETERS', '{"messages":[]}'],
    ['PALETTE_PARAMETERS', '{"endpointUrl":"http://elsewhere.example.com"}'],
    ['PALETTE_PARAMETERS', '{"accessToken":"hf_other"}'],
    ['MODEL_CONCURRENCY', '0'],
  ])('refuses %s=%s and says what it expects', (name, value) => {
    const problems = problemsOf({ HF_TOKEN: 'hf_x', [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name}=.*: expected `))
  })

  it('refuses a provider beside an endpoint of the same task, and one without a token', () => {
    expect(
      problemsOf({ HF_TOKEN: 'hf_x', EDIT_PROVIDER: 'together', EDIT_ENDPOINT_URL: 'https://h/?key=canary' }),
    ).toEqual([
      'EDIT_PROVIDER=together: expected it unset beside EDIT_ENDPOINT_URL, which is called without one',
    ])
    expect(problemsOf({ MODEL_ENDPOINT_URL: 'http://h', PALETTE_PROVIDER: 'groq' })).toEqual([
      'PALETTE_PROVIDER=groq: expected HF_TOKEN beside it, as a provider asks for one',
    ])
  })

  it('shows an endpoint of a task without its key', () => {
    const env = { IMAGE_ENDPOINT_URL: 'https://h/x?key=canary', EDIT_ENDPOINT_URL: 'https://h/x?canary' }
    expect(JSON.stringify(listConfig(loadConfig(env), env))).not.toContain('canary')
  })

  it('knows no provider that the client does not', () => {
    for (const providers of Object.values(PROVIDERS)) {
      expect(['auto', ...INFERENCE_PROVIDERS]).toEqual(expect.arrayContaining([...providers]))
    }
  })
})
