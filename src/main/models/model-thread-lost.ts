/** The thread that calls the models ended or had to be ended, with all calls that it had. */
export class ModelThreadLost extends Error {
  override readonly name = 'ModelThreadLost'
}
