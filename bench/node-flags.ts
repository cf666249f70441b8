/** What a worker's Node runs with, as in `npm start` and in the unit of docs/operations.md. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=64']
