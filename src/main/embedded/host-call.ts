import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { parseLine, sendLine, type ControlReply } from './control-protocol.ts'
import type { HostRecord } from './host-lock.ts'
import { isProcess } from './postgres/postmaster.ts'
import { StandInError, type StandIn } from './stand-in.ts'

/** The host answers within milliseconds, unless the machine is very busy. */
const ANSWER_TIMEOUT_MS = 15_000
const LOST = 'the process that runs them has ended'

/** A connection to a host that lives. As long as it is open, the host keeps its stand-ins running. */
export class HostCall {
  readonly #socket: Socket
  readonly #replies: AsyncIterator<string>

  private constructor(socket: Socket) {
    this.#socket = socket
    // The caller's own work keeps its process alive as long as it needs to live.
    socket.unref()
    const lines = createInterface({ input: socket })
    for (const source of [socket, lines]) source.on('error', () => undefined)
    // A connection that breaks has no end.
    socket.once('close', () => lines.close())
    this.#replies = lines[Symbol.asyncIterator]()
  }

  /**
   * Asks for the stand-ins. Null where the holder of the record is dead: nobody listens there, or somebody else.
   * Throws a StandInError for a holder that lives and does not answer.
   */
  static async open(
    record: HostRecord,
    start: readonly StandIn[],
    answerTimeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<HostCall | null> {
    const call = new HostCall(connect({ host: '127.0.0.1', port: record.port }))
    sendLine(call.#socket, { token: record.token, start })
    const first = await call.#within(answerTimeoutMs, call.#reply())
    if (first === 'late' && isProcess(record.pid)) {
      call.#socket.destroy()
      throw new StandInError(
        `process ${record.pid} holds the data folder and does not answer: end it, or set another DATA_DIR`,
      )
    }
    if (first !== 'late' && (first?.kind === 'greeting' || first?.kind === 'ending')) return call
    call.#socket.destroy()
    return null
  }

  /** Whether everything runs now; null where the host has ended instead. */
  async outcome(): Promise<Extract<ControlReply, { kind: 'ready' | 'failed' }> | null> {
    this.#socket.ref()
    const reply = await this.#reply()
    this.#socket.unref()
    return reply?.kind === 'ready' || reply?.kind === 'failed' ? reply : null
  }

  /** Resolves with the reason when the host has ended or is about to, also when it was us who left. */
  async lost(): Promise<string> {
    const reply = await this.#reply()
    return reply?.kind === 'lost' ? reply.reason : LOST
  }

  /** Uses the stand-ins no longer. Resolves when the host has taken note, or has ended, where nobody else uses them. */
  async leave(): Promise<void> {
    if (this.#socket.closed) return
    this.#socket.ref()
    const closed = new Promise((resolve) => this.#socket.once('close', resolve))
    this.#socket.end()
    await closed
  }

  /** Null where the connection has ended or broken: its other end is gone. */
  async #reply(): Promise<ControlReply | null> {
    const line = await this.#replies.next().catch(() => null)
    return line === null || line.done ? null : (parseLine(line.value) as ControlReply | null)
  }

  async #within<Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value | 'late'> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs)
    })
    return Promise.race([promise, late]).finally(() => clearTimeout(timer))
  }
}
