import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres, type RunningPostgres } from '../src/main/embedded/postgres/cluster.ts'
import { TcpForwarder } from './tcp-forwarder.ts'

/** A Postgres that is killed and comes back at the same address, with fsync on. */
export class PostgresService {
  readonly #dataDir: string
  readonly #forwarder: TcpForwarder
  #server: RunningPostgres

  private constructor(dataDir: string, forwarder: TcpForwarder, server: RunningPostgres) {
    this.#dataDir = dataDir
    this.#forwarder = forwarder
    this.#server = server
    forwarder.targetPort = Number(new URL(server.url).port)
  }

  static async start(dataDir: string): Promise<PostgresService> {
    const server = await startPostgres({ dataDir, durable: true })
    return new PostgresService(dataDir, await TcpForwarder.listen(), server)
  }

  /** For the workers: it stays the same. */
  get url(): string {
    const url = new URL(this.#server.url)
    url.port = String(this.#forwarder.port)
    return url.href
  }

  /** Kills the server's first process, which takes all others with it, and starts it anew on what it has on disk. */
  async killAndRestart(): Promise<void> {
    const lock = await readFile(join(this.#dataDir, 'cluster', 'data', 'postmaster.pid'), 'utf8')
    process.kill(Number(lock.split('\n')[0]), 'SIGKILL')
    await this.#server.lost
    this.#forwarder.targetPort = null
    await this.#server.stop()
    this.#server = await startPostgres({ dataDir: this.#dataDir, durable: true })
    this.#forwarder.targetPort = Number(new URL(this.#server.url).port)
  }

  async stop(): Promise<void> {
    await this.#forwarder.stop()
    await this.#server.stop()
  }
}
