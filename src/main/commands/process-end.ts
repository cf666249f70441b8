import type { Logger } from 'pino'
import { EXIT } from './exit-codes.ts'

const LOG_WRITE_MS = 100

/** Parts of the worker that are threads: of the images, and the one that calls the models. */
const THREADS = ['threads', 'models']

/**
 * Node's names of what is left while a call of the file system goes on: one that a thread of libuv makes, or the port of
 * a thread that has been told to end and makes one itself, as that of an image folder does.
 */
const FILE_CALL = /^(FSReq|MessagePort)/
/** One that takes longer than this hangs. */
const FILE_CALL_MS = 1_000

/**
 * Ends the process although something is still open: what it waits for may never come. `left` are the parts of the
 * worker that hang. That is no failure where every part has closed, which `isClosed` says: a timer of some library is
 * left then, or the machine is slow.
 */
export function endProcess(log: Logger, left: readonly string[], isClosed: boolean): void {
  const fields = { resources: process.getActiveResourcesInfo() }
  // Before the log makes one itself.
  const wasCallingFiles = isCallingFiles()
  if (isClosed) log.warn(fields, 'the process was ended before it ended by itself')
  else log.error(fields, 'the process was ended with something still open')
  // An exit waits for the native code that runs on other threads, which may hang as well. A kill does not, and so not
  // for the last lines of the log either.
  const kill = () => process.kill(process.pid, 'SIGKILL')
  const exit = () => process.exit(process.exitCode ?? (isClosed ? EXIT.ok : EXIT.failed))
  if (THREADS.some((part) => left.includes(part))) setTimeout(kill, LOG_WRITE_MS)
  else if (wasCallingFiles) setTimeout(() => (isCallingFiles() ? kill() : exit()), FILE_CALL_MS)
  else exit()
}

function isCallingFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => FILE_CALL.test(name))
}
