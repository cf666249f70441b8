import { existsSync } from 'node:fs'
import type { ProcessEnv } from '../measuring-process.ts'

export type Allocator = { readonly name: string; readonly env: ProcessEnv }

/** Where distributions put jemalloc. */
const JEMALLOC = [
  '/usr/lib/x86_64-linux-gnu/libjemalloc.so.2',
  '/usr/lib/aarch64-linux-gnu/libjemalloc.so.2',
  '/usr/lib64/libjemalloc.so.2',
  '/usr/lib/libjemalloc.so.2',
]
/** Gives memory back a second after it was freed. */
const JEMALLOC_CONF = 'background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0'

/** The system's allocator as it comes and with two arenas, and jemalloc where it is installed. */
export function allocators(): Allocator[] {
  const jemalloc = JEMALLOC.find((file) => existsSync(file))
  return [
    { name: 'default', env: { MALLOC_ARENA_MAX: undefined, LD_PRELOAD: undefined } },
    { name: 'MALLOC_ARENA_MAX=2', env: { MALLOC_ARENA_MAX: '2', LD_PRELOAD: undefined } },
    ...(jemalloc ? [{ name: 'jemalloc', env: { LD_PRELOAD: jemalloc, MALLOC_CONF: JEMALLOC_CONF } }] : []),
  ]
}
