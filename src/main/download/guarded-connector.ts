import { once } from 'node:events'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { callbackify } from 'node:util'
import type { buildConnector } from 'undici'
import { Failure } from '../../processors/failure.ts'
import { isPublicName } from './address-policy.ts'
import type { Lookup } from './name-lookup.ts'

/** How long one of several addresses is tried before the next one; the last one has all the time that is left. */
const ADDRESS_ATTEMPT_MS = 1_000

/**
 * The same words for a forbidden host, one that does not answer and one that is not there: they name the rule, and do
 * not tell which it was.
 */
export const UNREACHABLE =
  'original_image_url: no image could be fetched from there; expected a server at a public address that answers'

export type ConnectorGuard = {
  readonly lookup: Lookup
  readonly isAllowedAddress: (address: string) => boolean
  /** Ends a lookup or a dial that is still under way. */
  readonly signal: AbortSignal
}

/**
 * A connector for undici that checks what is really dialled: it resolves the name once, requires every address
 * of the answer to be allowed, and dials those and no others. undici calls it for each connection, so a name
 * that changes its mind between two of them (DNS rebinding) is checked again. Refuses with a Failure.
 */
export function guardedConnector(guard: ConnectorGuard): buildConnector.connector {
  const opening = callbackify((target: buildConnector.Options) => open(target, guard))
  return (target, callback) =>
    opening(target, (error, socket) => (error ? callback(error, null) : callback(null, socket)))
}

async function open(target: buildConnector.Options, guard: ConnectorGuard): Promise<Socket> {
  const isDialable = isPublicName(target.hostname) && target.port !== '0'
  const addresses = isDialable ? await guard.lookup(target.hostname, guard.signal) : []
  if (addresses.length === 0 || !addresses.every((address) => guard.isAllowedAddress(address))) {
    throw new Failure('original_unavailable', UNREACHABLE)
  }
  guard.signal.throwIfAborted()
  const secure = target.protocol === 'https:'
  const options = {
    host: target.hostname,
    port: Number(target.port || (secure ? 443 : 80)),
    lookup: answeringWith(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
  }
  const socket = secure
    ? connectTls({
        ...options,
        servername: target.hostname,
        ALPNProtocols: ['http/1.1'],
        // Said aloud, because the environment could turn it off.
        rejectUnauthorized: true,
      })
    : connect(options)
  socket.setNoDelay(true)
  // undici listens from when it has the socket; until then, and after the end, an error must have a listener.
  socket.on('error', () => undefined)
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal: guard.signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** The socket's own lookup, which asks nobody: a name is never resolved a second time. */
function answeringWith(addresses: readonly string[]): LookupFunction {
  const answer = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, _options, callback) => callback(null, answer)
}
