import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { onTestFinished } from 'vitest'

/** A record's addresses, or one of DNS's own answers. */
export type Records = readonly string[] | 'no such name' | 'server failure' | 'silence'

const CODES = { 'server failure': 2, 'no such name': 3 } as const
const TYPE_A = 1

/**
 * A name server on the machine itself, for one test: answers A questions with `v4` and AAAA questions with `v6`
 * (RFC 1035). Its address has the form that a resolver takes.
 */
export async function nameServer(
  v4: Records,
  v6: Records,
): Promise<{ address: string; heard: Promise<unknown> }> {
  const socket = createSocket('udp4')
  socket.on('message', (query, peer) => {
    // A question is a name (labels, each after its length, up to an empty one), a type and a class.
    let end = 12
    while (query[end]) end += 1 + (query[end] ?? 0)
    const records = query.readUInt16BE(end + 1) === TYPE_A ? v4 : v6
    if (records === 'silence') return
    socket.send(answer(query.subarray(0, 2), query.subarray(12, end + 5), records), peer.port, peer.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(async () => {
    socket.close()
    await once(socket, 'close')
  })
  return { address: `127.0.0.1:${socket.address().port}`, heard: once(socket, 'message') }
}

function answer(id: Buffer, question: Buffer, records: Exclude<Records, 'silence'>): Buffer {
  const addresses = typeof records === 'string' ? [] : records
  const header = Buffer.alloc(10)
  header.writeUInt16BE(0x8180 | (typeof records === 'string' ? CODES[records] : 0), 0)
  header.writeUInt16BE(1, 2)
  header.writeUInt16BE(addresses.length, 4)
  return Buffer.concat([id, header, question, ...addresses.map(record)])
}

function record(address: string): Buffer {
  const data = Buffer.from(ipaddr.parse(address).toByteArray())
  const head = Buffer.alloc(12)
  // The name is the question's, at offset 12; then type, class, time to live, length.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(isIPv4(address) ? TYPE_A : 28, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(0, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}
