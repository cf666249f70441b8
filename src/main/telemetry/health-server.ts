import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UnusableSetting } from '../config/unusable-setting.ts'

/** What readiness is made of: each check's name and whether it holds now. It has to answer in bounded time. */
export type ReadinessChecks = () => Promise<Readonly<Record<string, boolean>>>

/** What is told to Prometheus. */
export interface MetricsPage {
  readonly contentType: string
  render(): Promise<string>
}

/**
 * Answers a supervisor: `/livez` says that the event loop turns, `/readyz` that the
 * worker can take tasks, with 503 and the failing checks where it cannot, and `/metrics` what has been counted.
 */
export class HealthServer {
  readonly #server: Server

  constructor(checks: ReadinessChecks, metrics: MetricsPage) {
    this.#server = createServer((request, response) => {
      const path = request.url?.split('?', 1)[0]
      if (request.method !== 'GET') answer(response, 405, { error: 'expected GET' })
      else if (path === '/livez') answer(response, 200, { alive: true })
      else if (path === '/readyz') void answerReadiness(response, checks)
      else if (path === '/metrics') void answerMetrics(response, metrics)
      else answer(response, 404, { error: 'expected /livez, /readyz or /metrics' })
    })
  }

  /** Resolves with the port in use. Throws an {@link UnusableSetting} where address or port cannot be had. */
  start(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port)
  }

  stop(): Promise<void> {
    return close(this.#server)
  }
}

/**
 * Throws an {@link UnusableSetting} where address or port cannot be had now: a start says so before it starts all that
 * comes before its health endpoints.
 */
export async function checkHealthPort({ host, port }: { host: string; port: number | null }): Promise<void> {
  if (port === null) return
  const server = createServer()
  await listen(server, host, port)
  await close(server)
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(problemOf(error, host, port)))
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** A machine without IPv6 does not know the family of such an address. */
const ADDRESS_ERRORS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

function problemOf(error: NodeJS.ErrnoException, host: string, port: number): UnusableSetting {
  if (ADDRESS_ERRORS.has(error.code ?? '')) {
    const problem =
      'this machine does not have the address; expected one of its own, or 0.0.0.0 for every one'
    return new UnusableSetting(`HTTP_HOST=${host}`, problem, 'wrong', { cause: error })
  }
  const problem =
    error.code === 'EADDRINUSE'
      ? 'another program listens on this port'
      : `the port cannot be opened (${error.code ?? 'unknown'})`
  const expected = 'expected a free port that this user may open, or 0 for any'
  return new UnusableSetting(`HTTP_PORT=${port}`, `${problem}; ${expected}`, 'wrong', { cause: error })
}

async function answerReadiness(response: ServerResponse, checks: ReadinessChecks): Promise<void> {
  const results = await checks()
  const ready = Object.values(results).every(Boolean)
  answer(response, ready ? 200 : 503, { ready, ...results })
}

async function answerMetrics(response: ServerResponse, metrics: MetricsPage): Promise<void> {
  const page = await metrics.render()
  response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' })
  response.end(page)
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}
