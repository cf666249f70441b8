import { describe, expect, test } from 'vitest'
import { GuardedDownload } from '../../../src/main/download/guarded-download.ts'
import { failureOf, REFUSED } from './failures.ts'
import { serve } from './loopback-server.ts'

const never = new AbortController().signal
const maxBytes = 4_096
const timeoutMs = 20_000

/** Answers with the given addresses in turn, the last one for ever, and keeps the names that it was asked for. */
function lookupOf(...answers: string[][]) {
  const asked: string[] = []
  const lookup = async (hostname: string) => {
    asked.push(hostname)
    return answers[Math.min(asked.length, answers.length) - 1] ?? []
  }
  return { asked, lookup }
}

describe('hostile URL: hosts and addresses', () => {
  test.each([
    ['dotted decimal', 'http://127.0.0.1:PORT/'],
    ['one decimal number', 'http://2130706433:PORT/'],
    ['hexadecimal', 'http://0x7f000001:PORT/'],
    ['hexadecimal parts', 'http://0x7f.0x0.0x0.0x1:PORT/'],
    ['octal', 'http://0177.0.0.01:PORT/'],
    ['two parts', 'http://127.1:PORT/'],
    ['zero', 'http://0:PORT/'],
    ['full-width digits', 'http://１２７．０．０．１:PORT/'],
    ['ideographic stops', 'http://127。0。0。1:PORT/'],
    ['escaped digits', 'http://%31%32%37.0.0.1:PORT/'],
    ['a trailing dot', 'http://127.0.0.1.:PORT/'],
    ['IPv6', 'http://[::1]:PORT/'],
    ['IPv4 mapped into IPv6', 'http://[::ffff:127.0.0.1]:PORT/'],
    ['IPv4 mapped into IPv6, hexadecimal', 'http://[::ffff:7f00:1]:PORT/'],
    ['an allowed address', 'http://127.0.0.2:PORT/'],
    ['localhost', 'http://localhost:PORT/'],
    ['localhost in capitals', 'http://LOCALHOST:PORT/'],
    ['localhost with a trailing dot', 'http://localhost.:PORT/'],
    ['below localhost', 'http://images.localhost:PORT/'],
    ['a name without a dot', 'http://postgres:PORT/'],
    ['a local name', 'http://printer.local:PORT/'],
    ['the metadata server', 'http://metadata.google.internal/computeMetadata/v1/'],
    ['the metadata server with a trailing dot', 'http://metadata.google.internal./'],
    ['port 0', 'http://images.example.com:0/'],
    ['a port that fetch blocks', 'http://images.example.com:6000/'],
  ])('%s is refused before any lookup', async (_notation, url) => {
    const server = await serve((_request, response) => response.end('secret'))
    const { asked, lookup } = lookupOf(['127.0.0.1'])
    // Even with every address allowed: the form of the host alone decides.
    const download = new GuardedDownload({ maxBytes, timeoutMs, lookup, isAllowedAddress: () => true })

    const failure = await failureOf(download.fetch(url.replace('PORT', String(server.port)), never))

    expect(failure).toEqual(REFUSED)
    expect(asked).toEqual([])
    expect(server.seen.connections).toBe(0)
  })

  test.each([
    ['ftp://images.example.com/logo.png'],
    ['file:///etc/passwd'],
    ['data:image/png;base64,AAAA'],
    ['gopher://images.example.com/'],
    ['javascript:alert(1)'],
    ['http://user:hunter2@images.example.com/logo.png'],
    ['http://user@images.example.com/logo.png'],
    ['http://:hunter2@images.example.com/logo.png'],
    ['//images.example.com/logo.png'],
    ['http://'],
    ['http://[::1'],
    ['http://1.2.3.4.5/'],
    ['logo.png'],
    [''],
  ])('%j is refused as a URL, and not repeated', async (url) => {
    const { asked, lookup } = lookupOf(['127.0.0.1'])
    const download = new GuardedDownload({ maxBytes, timeoutMs, lookup, isAllowedAddress: () => true })

    expect(await failureOf(download.fetch(url, never))).toEqual({
      ...REFUSED,
      message: 'original_image_url: expected an http or https URL without user name and password',
    })
    expect(asked).toEqual([])
  })

  test.each([
    ['loopback', ['127.0.0.1']],
    ['loopback mapped into IPv6', ['::ffff:127.0.0.1']],
    ['a public address and loopback', ['1.1.1.1', '127.0.0.1']],
    ['loopback and a public address', ['127.0.0.1', '1.1.1.1']],
    ['public addresses and a private IPv6 one', ['1.1.1.1', '2606:4700:4700::1111', 'fd00::1']],
    ['what is no address', ['1.1.1.1', 'localhost']],
    ['nothing', []],
  ])('a name that resolves to %s is refused without a connection', async (_what, addresses) => {
    const server = await serve((_request, response) => response.end('secret'))
    const download = new GuardedDownload({ maxBytes, timeoutMs, lookup: async () => addresses })

    expect(await failureOf(download.fetch(`http://images.example.com:${server.port}/`, never))).toEqual(
      REFUSED,
    )
    expect(server.seen.connections).toBe(0)
  })

  test('a name is looked up once a connection, and the address that was checked is dialled', async () => {
    const server = await serve((_request, response) => response.end('picture'))
    const trap = await serve((_request, response) => response.end('secret'), {
      host: '127.0.0.2',
      port: server.port,
    })
    const { asked, lookup } = lookupOf(['127.0.0.1'], ['127.0.0.2'])
    const download = new GuardedDownload({ maxBytes, timeoutMs, lookup, isAllowedAddress: () => true })

    const bytes = await download.fetch(`http://images.example.com:${server.port}/`, never)

    expect(Buffer.from(bytes).toString()).toBe('picture')
    expect(asked).toEqual(['images.example.com'])
    expect(trap.seen.connections).toBe(0)
  })

  test('a name that moves to a forbidden address between two connections is not followed', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: '/again', connection: 'close' }).end('moved')
    })
    const trap = await serve((_request, response) => response.end('secret'), {
      host: '127.0.0.2',
      port: server.port,
    })
    const url = `http://images.example.com:${server.port}/`
    const { asked, lookup } = lookupOf(['127.0.0.1'], ['127.0.0.2'])
    const isAllowedAddress = (address: string) => address === '127.0.0.1'
    const guarded = new GuardedDownload({ maxBytes, timeoutMs, lookup, isAllowedAddress })

    expect(await failureOf(guarded.fetch(url, never))).toEqual(REFUSED)
    expect(asked).toEqual(['images.example.com', 'images.example.com'])
    expect(server.seen.connections).toBe(1)
    expect(trap.seen.connections).toBe(0)

    // The trap does catch whoever does not look: without the guard the same name leads into it.
    const moving = lookupOf(['127.0.0.1'], ['127.0.0.2'])
    const unguarded = new GuardedDownload({
      maxBytes,
      timeoutMs,
      lookup: moving.lookup,
      isAllowedAddress: () => true,
    })
    expect(Buffer.from(await unguarded.fetch(url, never)).toString()).toBe('secret')
    expect(trap.seen.connections).toBe(1)
  })

  test('of several allowed addresses one that answers is enough', async () => {
    const server = await serve((_request, response) => response.end('picture'))
    const download = new GuardedDownload({
      maxBytes,
      timeoutMs,
      // Nobody listens at the first one.
      lookup: async () => ['127.0.0.2', '127.0.0.1'],
      isAllowedAddress: () => true,
    })
    const bytes = await download.fetch(`http://images.example.com:${server.port}/`, never)
    expect(Buffer.from(bytes).toString()).toBe('picture')
  })

  test('nothing that is told gives away where a name leads', async () => {
    const server = await serve((request) => request.socket.destroy())
    const isAllowedAddress = (address: string) => address === '127.0.0.1'
    const at = (addresses: string[]) =>
      failureOf(
        new GuardedDownload({ maxBytes, timeoutMs, isAllowedAddress, lookup: async () => addresses }).fetch(
          `http://images.example.com:${server.port}/logo.png?token=hunter2`,
          never,
        ),
      )
    const forbidden = await at(['10.1.2.3'])
    const absent = await at([])
    const broken = await at(['127.0.0.1'])

    expect(forbidden).toEqual(REFUSED)
    expect(absent).toEqual(REFUSED)
    expect(broken).toEqual({ ...REFUSED, retryable: true })
  })

  test('a server that nobody runs, and a lookup that breaks, are worth another attempt', async () => {
    const server = await serve((_request, response) => response.end())
    const nobody = new GuardedDownload({
      maxBytes,
      timeoutMs,
      isAllowedAddress: () => true,
      lookup: async () => ['127.0.0.2'],
    })
    const broken = new GuardedDownload({
      maxBytes,
      timeoutMs,
      lookup: () => Promise.reject(Object.assign(new Error('10.9.8.7 failed'), { code: 'ESERVFAIL' })),
    })
    const url = `http://images.example.com:${server.port}/`

    expect(await failureOf(nobody.fetch(url, never))).toEqual({ ...REFUSED, retryable: true })
    expect(await failureOf(broken.fetch(url, never))).toEqual({ ...REFUSED, retryable: true })
  })
})
