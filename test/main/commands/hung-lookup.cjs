// Loaded before everything else: on every thread but the main one a name lookup hangs as it does where name servers are
// silent, with a thread of libuv that nobody can call back. It says so on standard error.
const dns = require('node:dns')
const fs = require('node:fs')
const { isMainThread } = require('node:worker_threads')

if (!isMainThread) {
  dns.lookup = () => {
    // Whoever opens a pipe to write to it waits for somebody who opens it to read.
    fs.open(process.env.SILENT_PIPE, 'w', () => undefined)
    fs.writeSync(2, 'looking up\n')
  }
}
