import { InferenceClient } from '@huggingface/inference'

/** What the tests ask of a model server, through the client that the worker uses. */
export class ModelClient {
  readonly #client = new InferenceClient('')
  readonly #endpointUrl: string

  constructor(endpointUrl: string) {
    this.#endpointUrl = endpointUrl
  }

  async draw(
    prompt: string,
    parameters: { seed?: number; width?: number; height?: number } = {},
  ): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> }> {
    const blob = await this.#client.textToImage(
      {
        endpointUrl: this.#endpointUrl,
        inputs: prompt,
        parameters: { num_inference_steps: 4, ...parameters },
      },
      { retry_on_error: false, outputType: 'blob' },
    )
    return { type: blob.type, bytes: new Uint8Array(await blob.arrayBuffer()) }
  }

  async edit(
    image: Uint8Array<ArrayBuffer>,
    prompt: string,
    seed = 1,
  ): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> }> {
    // The client's type knows no seed for this task, but sends it on.
    const parameters: { prompt: string } = Object.assign({ prompt }, { seed })
    const blob = await this.#client.imageToImage(
      { endpointUrl: this.#endpointUrl, inputs: new Blob([image], { type: 'image/png' }), parameters },
      { retry_on_error: false },
    )
    return { type: blob.type, bytes: new Uint8Array(await blob.arrayBuffer()) }
  }

  /** The content of the answer's message. */
  async chat(content: string, seed = 1): Promise<string> {
    const answer = await this.#client.chatCompletion(
      {
        endpointUrl: this.#endpointUrl,
        messages: [
          { role: 'system', content: 'Answer with JSON only. Two dark palettes would be wrong.' },
          { role: 'user', content },
        ],
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'palettes', schema: { type: 'object' }, strict: true },
        },
        seed,
      },
      { retry_on_error: false },
    )
    return answer.choices[0]?.message.content ?? ''
  }
}
