import { startHttpServer, stopHttpServer } from './http-server.ts'
import { startTestWorker, type RunningWorker } from './running-worker.ts'

/** A worker whose models refuse everybody for the next minutes. */
export async function startWorkerWithoutModels(): Promise<RunningWorker> {
  const { server, url } = await startHttpServer((_, response) => {
    response.writeHead(401, { 'retry-after': '300' }).end()
  })
  const worker = await startTestWorker(url)
  const stop = async () => {
    await worker.stop()
    await stopHttpServer(server)
  }
  return { ...worker, stop }
}
