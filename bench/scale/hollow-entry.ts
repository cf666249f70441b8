import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SOURCE = fileURLToPath(new URL('hollow-thread.mts', import.meta.url))
/** Below node_modules, where a compiled file finds the packages that it imports and nobody keeps it. */
const COMPILED = new URL('../../node_modules/.cache/concept-worker/', import.meta.url)
const COMPILER = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const OPTIONS = ['--ignoreConfig', '--target', 'es2023', '--module', 'nodenext', '--noResolve', '--noCheck']

/**
 * Compiles the hollow threads' module, and answers where it is. A loader for TypeScript in each of a hundred threads
 * would take a minute of the machine's time.
 */
export async function compileHollowThread(): Promise<URL> {
  await promisify(execFile)(process.execPath, [
    COMPILER,
    SOURCE,
    ...OPTIONS,
    '--rootDir',
    ROOT,
    '--outDir',
    fileURLToPath(COMPILED),
  ])
  return new URL('bench/scale/hollow-thread.mjs', COMPILED)
}
