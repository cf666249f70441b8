/**
 * The process that runs the embedded stand-ins, apart from the worker so that they share neither its event loop
 * nor its image library. It ends when its parent tells it to, or when the parent is gone, however that died.
 */
import { join } from 'node:path'
import { removeRecord, writeRecord } from './records.ts'
import type { Addresses, HostReport, HostRequest, StandIn } from './stand-in.ts'

type Running = { readonly address: string; stop(): Promise<void> }

/** Loads only what it starts. */
async function start(standIn: StandIn, dataDir: string): Promise<Running> {
  switch (standIn) {
    case 'postgres': {
      const { startPostgres } = await import('./postgres/cluster.ts')
      const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), durable: true })
      return { address: postgres.url, stop: () => postgres.stop() }
    }
    case 'pubsub': {
      const { startPubSubServer } = await import('./pubsub/server.ts')
      const server = await startPubSubServer({})
      return { address: server.address, stop: () => server.stop() }
    }
    case 'models': {
      const { startModelServer } = await import('./model-server/server.ts')
      const server = await startModelServer({})
      return { address: server.url, stop: () => server.stop() }
    }
  }
}

async function host({ standIns, dataDir }: HostRequest): Promise<void> {
  const running = new Map<StandIn, Running>()
  let ending: Promise<void> | undefined
  const end = (exitCode: number): Promise<void> => {
    ending ??= (async () => {
      // Records first: nobody shall find what is about to stop.
      await Promise.all([...running.keys()].map((standIn) => removeRecord(dataDir, standIn)))
      await Promise.all([...running.values()].map((service) => service.stop()))
      process.exit(exitCode)
    })()
    return ending
  }
  // Ctrl-C and a supervisor's signal reach the whole group; the worker still needs its services to drain.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
  process.on('disconnect', () => void end(0))
  try {
    await Promise.all(
      standIns.map(async (standIn) => {
        const service = await start(standIn, dataDir)
        running.set(standIn, service)
        await writeRecord(dataDir, standIn, { pid: process.pid, address: service.address })
      }),
    )
    const addresses: Addresses = Object.fromEntries(
      [...running].map(([name, { address }]) => [name, address]),
    )
    report({ ready: true, addresses })
    if (!process.connected) await end(0)
  } catch (error) {
    report({ ready: false, error: error instanceof Error ? error.message : String(error) })
    await end(1)
  }
}

function report(message: HostReport): void {
  if (process.connected) process.send?.(message)
}

await host(JSON.parse(process.argv[2] ?? '') as HostRequest)
