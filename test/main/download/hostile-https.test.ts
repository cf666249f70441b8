import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { GuardedDownload } from '../../../src/main/download/guarded-download.ts'
import { failureOf, REFUSED } from './failures.ts'
import { serve, watch } from './loopback-server.ts'

/** Made for these tests: self-signed, for images.example.com alone. */
const fixture = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const CERTIFICATE = fixture('certificate.pem')
const KEY = fixture('key.pem')

async function secureServer() {
  const server = createServer({ cert: await readFile(CERTIFICATE), key: await readFile(KEY) })
  const names: unknown[] = []
  server.on('secureConnection', (socket) => names.push(socket.servername))
  const watched = await watch(server)
  server.on('request', (request, response) => {
    watched.seen.paths.push(request.url ?? '')
    const to = new URL(request.url ?? '', 'https://images.example.com').searchParams.get('to')
    if (to === null) response.end('picture')
    else response.writeHead(302, { location: to }).end()
  })
  return { ...watched, names }
}

/** What the URLs bring in a process that trusts the test's certificate and has the given environment. */
async function download(environment: Record<string, string>, urls: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', fixture('https-downloads.ts'), ...urls],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: CERTIFICATE, ...environment } },
  )
  return JSON.parse(stdout)
}

describe('hostile URL: https', () => {
  test('the certificate must be for the name in the URL, and no environment lowers that', async () => {
    const secure = await secureServer()
    const proxy = await serve((_request, response) => response.end('from the proxy'))
    const proxyUrl = `http://127.0.0.1:${proxy.port}`
    const at = (name: string, path: string) => `https://${name}.example.com:${secure.port}${path}`

    const results = await download(
      {
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
        NODE_USE_ENV_PROXY: '1',
        HTTP_PROXY: proxyUrl,
        HTTPS_PROXY: proxyUrl,
        http_proxy: proxyUrl,
        https_proxy: proxyUrl,
        NO_PROXY: '',
        no_proxy: '',
      },
      [
        at('images', '/logo.png'),
        at('other', '/logo.png'),
        at('images', `/?to=${at('images', '/moved.png')}`),
        at('images', `/?to=http://images.example.com:${proxy.port}/downgraded`),
      ],
    )

    expect(results).toEqual([
      'picture',
      REFUSED.message,
      'picture',
      'original_image_url: expected a redirect to an http or https URL without user name and password, and from https only to https',
    ])
    expect(secure.seen.paths.filter((path) => path === '/logo.png')).toHaveLength(1)
    expect(secure.seen.paths).toContain('/moved.png')
    expect(secure.names.slice(0, 1)).toEqual(['images.example.com'])
    expect(proxy.seen.connections).toBe(0)
  })

  test('a certificate that nobody vouches for is refused', async () => {
    const secure = await secureServer()
    const guarded = new GuardedDownload({
      maxBytes: 4_096,
      timeoutMs: 20_000,
      isAllowedAddress: () => true,
      lookup: async () => ['127.0.0.1'],
    })
    const url = `https://images.example.com:${secure.port}/logo.png`

    expect(await failureOf(guarded.fetch(url, new AbortController().signal))).toEqual({
      ...REFUSED,
      retryable: true,
    })
    expect(secure.seen.paths).toEqual([])
    expect(secure.seen.connections).toBe(1)
  })
})
