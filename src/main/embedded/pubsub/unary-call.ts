import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js'
import type { Journal } from './journal.ts'
import { toStatusError } from './status-error.ts'

/** A handler of unary calls: the value is the answer, a StatusError its refusal. */
export function unary<Request, Response>(
  answer: (request: Request, call: ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const respond = async () => {
      let response: Response
      try {
        response = await answer(call.request, call)
      } catch (error) {
        callback(toStatusError(error))
        return
      }
      callback(null, response)
    }
    void respond()
  }
}

/** A handler of calls that change something: the answer waits until the change is written down. */
export function unaryChange<Request, Response>(
  journal: Journal,
  change: (request: Request) => Response,
): handleUnaryCall<Request, Response> {
  return unary(async (request) => {
    const response = change(request)
    await journal.written()
    return response
  })
}
