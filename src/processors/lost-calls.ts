import { Failure } from './failure.ts'

/** The thread that calls the models ended or had to be ended, with all calls that it had: the cause of their failures. */
export class ModelThreadLost extends Error {
  override readonly name = 'ModelThreadLost'
}

/**
 * Does work that calls a model, and once more where the call was lost with its thread: the task is seldom to blame. It is
 * the same call by its key, so that a server which remembers its answers is not paid again. A second loss is thrown: the
 * answer itself may be what the thread dies of.
 */
export async function againIfLost<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure && error.cause instanceof ModelThreadLost)) throw error
    return work()
  }
}
