#!/usr/bin/env node
// The package's bin. libuv reads UV_THREADPOOL_SIZE when its thread pool first starts, and loading an ES module
// starts it: so this one file is CommonJS, sets the variable, and only then loads the command line.
const { libuvThreads } = require('./pool/libuv-threads.js') as typeof import('./pool/libuv-threads.js')
// Loaded here, as it speaks of a process that cannot load much.
const { limitReached } = require('./process-limits.js') as typeof import('./process-limits.js')

process.env.UV_THREADPOOL_SIZE = String(libuvThreads(process.env))
import('./index.js')
  .then(({ main }) => main(process.argv))
  .catch((error: unknown) => {
    const limit = limitReached(error)
    if (!limit) throw error
    process.stderr.write(`concept-worker: ${limit.message}\n`)
    process.exitCode = limit.exitCode
  })
