import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from './random.ts'

const FAULTS = ['429', '503', 'hang', 'cut', 'html'] as const
export type ModelFault = (typeof FAULTS)[number]

/** A result that was handed over in full: what a provider bills. */
export type PaidCall = { readonly idempotencyKey: string; readonly atMs: number }

/** An HTTP server before the model server that spoils a share of the calls, and notes those that are paid for. */
export class FaultyModels {
  readonly paid: PaidCall[] = []
  readonly faults: Record<ModelFault, number> = { '429': 0, '503': 0, hang: 0, cut: 0, html: 0 }
  readonly #server: Server
  readonly #target: string
  readonly #random: Random
  readonly #faultShare: number
  #isWell = false

  private constructor(target: string, random: Random, faultShare: number) {
    this.#target = target
    this.#random = random
    this.#faultShare = faultShare
    this.#server = createServer((incoming, response) => void this.#answer(incoming, response))
  }

  static async start(target: string, random: Random, faultShare: number): Promise<FaultyModels> {
    const models = new FaultyModels(target, random, faultShare)
    models.#server.listen(0, '127.0.0.1')
    await once(models.#server, 'listening')
    return models
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** From now on every call is answered. */
  recover(): void {
    this.#isWell = true
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault =
      incoming.method === 'POST' && !this.#isWell && this.#random.chance(this.#faultShare)
        ? this.#random.pick(FAULTS)
        : undefined
    if (fault) this.faults[fault]++
    if (fault === '429' || fault === '503') {
      response.writeHead(Number(fault), { 'retry-after': '1', 'content-type': 'text/plain' }).end('busy')
    } else if (fault === 'html') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Sign in</title></html>')
    } else if (fault !== 'hang') await this.#forward(incoming, response, fault === 'cut')
  }

  /** A cut answer ends in the middle, after its full length was announced. */
  async #forward(incoming: IncomingMessage, response: ServerResponse, cut: boolean): Promise<void> {
    try {
      const { status, type, body } = await this.#call(incoming)
      if (response.destroyed) return
      response.writeHead(status, { 'content-type': type, 'content-length': body.length })
      if (cut) {
        response.write(body.subarray(0, body.length >> 1), () => response.destroy())
        return
      }
      response.end(body)
      await once(response, 'finish')
      const key = incoming.headers['idempotency-key']
      if (status === 200 && typeof key === 'string') {
        this.paid.push({ idempotencyKey: key, atMs: Date.now() })
      }
    } catch {
      response.destroy()
    }
  }

  async #call(incoming: IncomingMessage): Promise<{ status: number; type: string; body: Buffer }> {
    const { host: _, connection: __, ...headers } = incoming.headers
    const outgoing = request(this.#target + (incoming.url ?? '/'), { method: incoming.method, headers })
    incoming.on('error', (error) => outgoing.destroy(error))
    incoming.pipe(outgoing)
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    return {
      status: answer.statusCode ?? 502,
      type: answer.headers['content-type'] ?? '',
      body: Buffer.concat(chunks),
    }
  }
}
