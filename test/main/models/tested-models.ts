import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import { connect } from 'node:net'
import { Agent } from 'undici'
import { onTestFinished } from 'vitest'
import { GuardedDownload } from '../../../src/main/download/guarded-download.ts'
import { guardGlobalFetch } from '../../../src/main/models/global-fetch.ts'
import { HuggingFaceModels, type ModelOptions } from '../../../src/main/models/hugging-face.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { ImageModels, PaletteModel } from '../../../src/processors/services.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../../setup/http-server.ts'

export const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
export const TOKEN = 'hf_canary'

/** Of what the model server was asked. */
export type Seen = {
  readonly host: string | undefined
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

const { signal: notStopping } = new AbortController()
export const TARGET = { provider: null, endpointUrl: null, parameters: {} }
export const OPTIONS = {
  token: TOKEN,
  image: { ...TARGET, model: 'a/image', parameters: { width: 1024, height: 1024 } },
  edit: { ...TARGET, model: 'a/edit' },
  palette: { ...TARGET, model: 'a/chat' },
  timeoutMs: 10_000,
}

/** A server for one test. */
export async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const started = await startHttpServer(listener)
  onTestFinished(() => stopHttpServer(started.server))
  return started
}

/** Follows the URLs of answers as the worker does: to public addresses only. */
export const publicDownload = () => new GuardedDownload({ maxBytes: 1_000_000, timeoutMs: 10_000 })

/** Stands in for the public network: every public name leads to this machine, on the port of the URL. */
export const loopbackDownload = (maxBytes = 1_000_000) =>
  new GuardedDownload({
    maxBytes,
    timeoutMs: 10_000,
    isAllowedAddress: () => true,
    lookup: async () => ['127.0.0.1'],
  })

/** Models at an endpoint that answers as the test says. */
export async function modelsAt(
  listener: RequestListener,
  { timeoutMs = OPTIONS.timeoutMs, download = publicDownload() } = {},
): Promise<HuggingFaceModels> {
  const { url } = await serve(listener)
  return modelsOf(url, timeoutMs, download)
}

/** Models at an endpoint that may not even be there. */
export function modelsOf(
  endpointUrl: string,
  timeoutMs = OPTIONS.timeoutMs,
  download = publicDownload(),
): HuggingFaceModels {
  return stopped(new HuggingFaceModels({ ...OPTIONS, endpointUrl, timeoutMs }, download))
}

/** Models whose endpoint answers every call the same way; and what it was asked. */
export async function answering(status: number, headers: Record<string, string>, answer: string | Buffer) {
  const seen: Seen[] = []
  const models = await modelsAt((request, response) => {
    void record(request, seen).then(() => response.writeHead(status, headers).end(answer))
  })
  return { models, seen }
}

/**
 * Models behind routed providers, which are all on this machine: the client asks for the hub's and the router's
 * own names, and every connection of a call leads to one server.
 */
export async function routedModels(
  model: string,
  answer: (
    seen: Seen,
    serverUrl: string,
  ) => { status?: number; headers?: Record<string, string>; body: unknown },
  own: Partial<ModelOptions> = {},
) {
  const seen: Seen[] = []
  const { url } = await serve((request, response) => {
    void record(request, seen).then((asked) => {
      const { status = 200, headers = {}, body } = answer(asked, url)
      const isBytes = Buffer.isBuffer(body)
      response.writeHead(status, { 'content-type': isBytes ? 'image/png' : 'application/json', ...headers })
      response.end(isBytes ? body : JSON.stringify(body))
    })
  })
  const dispatcher = new Agent({
    connect: (_target, callback) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.once('connect', () => callback(null, socket)).once('error', (error) => callback(error, null))
    },
  })
  const target = { ...TARGET, model }
  const options = { ...OPTIONS, image: target, edit: target, palette: target, ...own, endpointUrl: null }
  return { seen, models: stopped(new HuggingFaceModels(options, loopbackDownload(), dispatcher)) }
}

/** What the calls below are known by. */
export const KEY = 'task/stage/1'

export const generate = (models: ImageModels, signal = notStopping) =>
  models.generateImage({ prompt: 'a fox', seed: 7, idempotencyKey: KEY }, signal)

export const refine = (models: ImageModels) =>
  models.refineImage(
    {
      image: { bytes: new Uint8Array(PNG), contentType: 'image/png', width: 1, height: 1 },
      prompt: 'warmer',
      seed: 9,
      idempotencyKey: KEY,
    },
    notStopping,
  )

export const palettesOf = (models: PaletteModel) =>
  models.suggestPalettes(
    {
      logoDescription: 'a fox',
      themeDescription: 'autumn',
      swatches: [{ name: 'Vibrant', hex: '#FF8800', share: 0.42 }],
      count: 3,
      seed: 7,
      idempotencyKey: KEY,
    },
    notStopping,
  )

/** The failure that a call must end in. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Failure) return error
  throw new Error('expected a Failure', { cause: error })
}

/** Stops the models after the test, which until then has the global fetch that their thread has. */
export function stopped(models: HuggingFaceModels): HuggingFaceModels {
  guardFetch()
  onTestFinished(() => models.stop())
  return models
}

/** For the test that runs. */
export function guardFetch(): void {
  const { fetch } = globalThis
  guardGlobalFetch()
  onTestFinished(() => {
    globalThis.fetch = fetch
  })
}

async function record(request: Parameters<RequestListener>[0], seen: Seen[]): Promise<Seen> {
  const text = (await bodyOf(request)).toString()
  const asked = {
    host: request.headers.host,
    method: request.method,
    url: request.url,
    headers: request.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  }
  seen.push(asked)
  return asked
}
