import { Session, type Profiler } from 'node:inspector/promises'

/** Shares of the main thread's time at work, the largest first. */
export type Profile = readonly { readonly where: string; readonly share: number }[]

const SAMPLING_INTERVAL_US = 500

/** Samples the main thread of this process until what it answers is called. */
export async function startProfile(): Promise<() => Promise<Profile>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US })
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    return sharesOf(profile)
  }
}

/** Time in Node.js itself counts for the package or the room of the worker that called it. */
export function sharesOf({ nodes, samples = [] }: Profiler.Profile): Profile {
  const hits = new Map<number, number>()
  for (const id of samples) hits.set(id, (hits.get(id) ?? 0) + 1)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const totals = new Map<string, number>()
  const visit = (id: number, caller: string) => {
    const node = byId.get(id)
    if (!node) return
    const where = ownerOf(node.callFrame) ?? caller
    totals.set(where, (totals.get(where) ?? 0) + (hits.get(id) ?? 0))
    for (const child of node.children ?? []) visit(child, where)
  }
  if (nodes[0]) visit(nodes[0].id, 'Node.js')
  totals.delete('(idle)')
  const all = [...totals.values()].reduce((sum, count) => sum + count, 0)
  return [...totals]
    .map(([where, count]) => ({ where, share: count / all }))
    .filter(({ share }) => share >= 0.005)
    .toSorted((a, b) => b.share - a.share)
}

function ownerOf({ functionName, url }: { functionName: string; url: string }): string | null {
  if (functionName === '(idle)' || functionName === '(garbage collector)') return functionName
  // Native code that was not called from JavaScript: polling, and what libuv does.
  if (functionName === '(program)') return '(native)'
  const packageName = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (packageName) return packageName
  return /\/(src\/(?:main\/)?[^/]+)\//.exec(url)?.[1] ?? null
}
