import { describe, expect, test } from 'vitest'
import { GuardedDownload } from '../../../src/main/download/guarded-download.ts'
import { failureOf, REFUSED } from './failures.ts'
import { serve } from './loopback-server.ts'

const never = new AbortController().signal
const options = { maxBytes: 4_096, timeoutMs: 20_000 }

const addressOf: Record<string, string> = {
  'images.example.com': '127.0.0.1',
  'mirror.example.com': '127.0.0.1',
  'forbidden.example.com': '127.0.0.2',
}

function guarded(maxRedirects?: number) {
  const asked: string[] = []
  const download = new GuardedDownload({
    ...options,
    ...(maxRedirects === undefined ? {} : { maxRedirects }),
    isAllowedAddress: (address) => address === '127.0.0.1',
    lookup: async (hostname) => {
      asked.push(hostname)
      return [addressOf[hostname] ?? '127.0.0.2']
    },
  })
  return { asked, download }
}

describe('hostile URL: redirects', () => {
  test('three redirects are followed, to other hosts too', async () => {
    const server = await serve((request, response) => {
      const hop = Number(request.url?.slice(1))
      if (hop === 3) return response.end('picture')
      const host = hop % 2 === 0 ? 'mirror' : 'images'
      response.writeHead(302, { location: `http://${host}.example.com:${server.port}/${hop + 1}` }).end()
    })
    const { asked, download } = guarded()

    const bytes = await download.fetch(`http://images.example.com:${server.port}/0`, never)

    expect(Buffer.from(bytes).toString()).toBe('picture')
    expect(server.seen.paths).toEqual(['/0', '/1', '/2', '/3'])
    expect(new Set(asked)).toEqual(new Set(['images.example.com', 'mirror.example.com']))
  })

  test.each([301, 302, 303, 307, 308])('status %i with a relative location is followed', async (status) => {
    const server = await serve((request, response) => {
      if (request.url === '/there/bücher.png') response.end('wrong')
      else if (request.url === '/there/b%C3%BCcher.png') response.end('picture')
      else response.writeHead(status, { location: Buffer.from('there/bücher.png').toString('latin1') }).end()
    })
    const bytes = await guarded().download.fetch(`http://images.example.com:${server.port}/here`, never)
    expect(Buffer.from(bytes).toString()).toBe('picture')
  })

  test.each([
    [undefined, 3],
    [0, 0],
    [1, 1],
  ])('a redirect loop ends (limit %j)', async (maxRedirects, limit) => {
    const server = await serve((_request, response) => response.writeHead(302, { location: '/loop' }).end())
    const { download } = guarded(maxRedirects)

    expect(await failureOf(download.fetch(`http://images.example.com:${server.port}/loop`, never))).toEqual({
      ...REFUSED,
      message: `original_image_url: expected at most ${limit} redirects`,
    })
    expect(server.seen.paths).toHaveLength(limit + 1)
  })

  test.each([
    ['a forbidden name', 'http://forbidden.example.com:PORT/secret'],
    ['a literal address', 'http://127.0.0.2:PORT/secret'],
    ['a literal address that is allowed', 'http://127.0.0.1:PORT/secret'],
    ['a decimal address', 'http://2130706434:PORT/secret'],
    ['this machine', 'http://localhost:PORT/secret'],
    ['the metadata server', 'http://169.254.169.254/computeMetadata/v1/'],
    ['a protocol-relative address', '//127.0.0.2:PORT/secret'],
  ])('a redirect to %s is refused without a connection', async (_where, location) => {
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: location.replace('PORT', String(server.port)) }).end()
    })
    const trap = await serve((_request, response) => response.end('secret'), {
      host: '127.0.0.2',
      port: server.port,
    })
    const { download } = guarded()

    expect(await failureOf(download.fetch(`http://images.example.com:${server.port}/`, never))).toEqual(
      REFUSED,
    )
    expect(server.seen.connections).toBe(1)
    expect(trap.seen.connections).toBe(0)
  })

  test.each([
    ['file:///etc/passwd'],
    ['ftp://mirror.example.com/logo.png'],
    ['data:image/png;base64,AAAA'],
    ['http://user:hunter2@mirror.example.com:PORT/'],
    ['http://[::1'],
  ])('a redirect to %s is refused, and not repeated', async (location) => {
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: location.replace('PORT', String(server.port)) }).end()
    })
    const { download } = guarded()

    expect(await failureOf(download.fetch(`http://images.example.com:${server.port}/`, never))).toEqual({
      ...REFUSED,
      message:
        'original_image_url: expected a redirect to an http or https URL without user name and password, and from https only to https',
    })
    expect(server.seen.paths).toEqual(['/'])
  })

  test('one deadline covers all redirects', async () => {
    // No single hop takes as long as the deadline; two of them do.
    const server = await serve((_request, response) => {
      const timer = setTimeout(() => response.writeHead(302, { location: '/next' }).end(), 300)
      response.once('close', () => clearTimeout(timer))
    })
    const download = new GuardedDownload({
      ...options,
      timeoutMs: 500,
      isAllowedAddress: () => true,
      lookup: async () => ['127.0.0.1'],
    })

    expect(await failureOf(download.fetch(`http://images.example.com:${server.port}/`, never))).toEqual({
      ...REFUSED,
      retryable: true,
    })
    await server.allClosed()
    expect(server.seen.paths.length).toBeLessThan(3)
  })
})
