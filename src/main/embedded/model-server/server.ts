import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIPv6, type AddressInfo } from 'node:net'
import { finished } from 'node:stream/promises'
import sharp from 'sharp'
import { CallCounts } from './call-counts.ts'
import { answerChat } from './chat-completion.ts'
import { answerImageTask } from './image-tasks.ts'
import { mediaTypeOf, readBody } from './request-body.ts'
import { RequestRefusal } from './request-refusal.ts'

const REQUEST_TIMEOUT_MS = 30_000
const HEADERS_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 5_000
/** Time that requests in hand get at stop. */
const STOP_GRACE_MS = 2_000

const ABOUT =
  'This is the embedded model server of concept-worker. It draws logos, edits pictures and suggests palettes by rule; it is no model.\n'

const CHAT_PATH = '/v1/chat/completions'
const COUNTS_PATH = '/calls'

export type ModelServer = {
  /** Address to give to a client as its endpoint, without a slash at the end. */
  readonly url: string
  /** Answers what is in hand, closes every connection and frees the port. Safe to call twice. */
  stop(): Promise<void>
}

type Answer = {
  readonly status: number
  readonly type: string
  readonly body: Buffer | string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Starts a server that speaks HTTP as a dedicated inference endpoint does: `POST /` for text to image and image
 * to image, `POST /v1/chat/completions` for chat, `GET /` and `GET /health` for what it is. The same request gets
 * the same picture and the same palettes. `GET /calls` tells how often each `Idempotency-Key` has come. Rejects where
 * the port is taken.
 *
 * libvips works with one thread an image from then on, in the whole process.
 */
export async function startModelServer({
  host = '127.0.0.1',
  port = 0,
}: {
  readonly host?: string
  readonly port?: number
} = {}): Promise<ModelServer> {
  sharp.concurrency(1)
  const inHand = new Set<Promise<void>>()
  const counts = new CallCounts()
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 2,
    },
    (request, response) => {
      const answered = respond(request, response, counts).finally(() => inHand.delete(answered))
      inHand.add(answered)
    },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })

  let stopped: Promise<void> | undefined
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    const cut = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS)
    await Promise.all(inHand)
    server.closeAllConnections()
    await closed
    clearTimeout(cut)
    // A request that came in between has lost its connection, but may still be drawing.
    await Promise.all(inHand)
  }
  const { port: boundPort } = server.address() as AddressInfo
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${boundPort}`,
    stop: () => (stopped ??= stop()),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  counts: CallCounts,
): Promise<void> {
  const { status, type, body, headers } = await answer(request, counts).catch(errorAnswer)
  // A client that is gone needs no answer.
  if (response.destroyed || request.socket.destroyed) return
  // What a refused request still sends is read and thrown away, so that the client gets to read the answer.
  if (!request.complete) {
    response.setHeader('connection', 'close')
    request.resume()
  }
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers })
  response.end(request.method === 'HEAD' ? undefined : body)
  // Rejects where the client goes away in the middle, which is the client's affair.
  await finished(response).catch(() => undefined)
}

async function answer(request: IncomingMessage, counts: CallCounts): Promise<Answer> {
  const path = (request.url ?? '/').split('?', 1)[0]
  const { method = 'GET' } = request
  const reading = method === 'GET' || method === 'HEAD'
  if ((path === '/' || path === '/health') && reading) {
    return { status: 200, type: 'text/plain; charset=utf-8', body: ABOUT }
  }
  if (path === COUNTS_PATH && reading) {
    return { status: 200, type: 'application/json', body: JSON.stringify({ calls: counts.list() }) }
  }
  if (path !== '/' && path !== '/health' && path !== COUNTS_PATH && path !== CHAT_PATH) {
    throw new RequestRefusal(404, `expected / or ${CHAT_PATH} as the path`)
  }
  if (path === '/health' || path === COUNTS_PATH)
    throw new RequestRefusal(405, 'expected GET', { allow: 'GET, HEAD' })
  if (method !== 'POST') {
    throw new RequestRefusal(405, 'expected POST', { allow: path === '/' ? 'GET, HEAD, POST' : 'POST' })
  }
  const answered = counts.receive(request.headers['idempotency-key'])
  const body = await readBody(request)
  const result =
    path === '/'
      ? { type: 'image/png', body: await answerImageTask(mediaTypeOf(request), body) }
      : { type: 'application/json', body: JSON.stringify(answerChat(mediaTypeOf(request), body)) }
  answered()
  return { status: 200, ...result }
}

function errorAnswer(error: unknown): Answer {
  const refusal = error instanceof RequestRefusal ? error : null
  return {
    status: refusal?.status ?? 500,
    type: 'application/json',
    body: JSON.stringify({ error: refusal?.message ?? 'the request could not be answered' }),
    ...(refusal?.allow === undefined ? {} : { headers: { allow: refusal.allow } }),
  }
}
