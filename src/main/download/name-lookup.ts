import { Resolver } from 'node:dns/promises'

/** All addresses of a name; none if there is no such name. Ends early when `signal` aborts. */
export type Lookup = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>

/** Answers that say that a name has no address of the family asked for. Everything else is a broken lookup. */
const NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA'])

/**
 * Asks name servers, and nobody else: no hosts file and no search list, because those name what the own network
 * holds. Unlike getaddrinfo it takes no libuv thread, which image work shares, and it can be stopped. `servers`
 * are addresses with or without a port; the machine's own unless given.
 */
export function nameServerLookup(servers?: readonly string[]): Lookup {
  return async (hostname, signal) => {
    signal.throwIfAborted()
    const resolver = new Resolver()
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await bothFamilies(resolver, hostname)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

async function bothFamilies(resolver: Resolver, hostname: string): Promise<readonly string[]> {
  const families = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  const addresses = families.flatMap((family) => (family.status === 'fulfilled' ? family.value : []))
  if (addresses.length > 0) return addresses
  // Only with no address at all does a broken lookup matter: what was found can be checked and dialled.
  for (const family of families) {
    if (family.status === 'rejected' && !NO_ADDRESS.has(codeOf(family.reason))) throw family.reason
  }
  return []
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
