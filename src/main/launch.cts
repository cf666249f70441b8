#!/usr/bin/env node
// The package's bin. libuv reads UV_THREADPOOL_SIZE when its thread pool first starts, and loading an ES module
// starts it: so this one file is CommonJS, sets the variable, and only then loads the command line.
const { libuvThreads } = require('./pool/libuv-threads.js') as typeof import('./pool/libuv-threads.js')

process.env.UV_THREADPOOL_SIZE = String(libuvThreads(process.env))
void import('./index.js').then(({ main }) => main(process.argv))
