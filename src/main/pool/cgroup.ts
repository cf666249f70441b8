import { readFileSync } from 'node:fs'

const CGROUP_ROOT = '/sys/fs/cgroup'

/**
 * What a file of the cgroup interface says on every level from this process's cgroup up to the root; a missing file
 * reads as empty. Version 2 only.
 *
 * Reads a few kernel files synchronously: the launcher needs the figures before anything may start libuv's thread
 * pool, and asynchronous file work is what starts it.
 */
export function readCgroupLevels(file: string): string[] {
  const group = /^0::(.*)$/m.exec(readKernelFile('/proc/self/cgroup'))?.[1]
  if (group === undefined) return []
  const levels: string[] = []
  for (let path = group; ; path = path.slice(0, path.lastIndexOf('/'))) {
    levels.push(readKernelFile(`${CGROUP_ROOT}${path === '/' ? '' : path}/${file}`))
    if (path === '' || path === '/') return levels
  }
}

/** A file of version 1 of the interface, as a container sees it. */
export function readCgroupV1(file: string): string {
  return readKernelFile(`${CGROUP_ROOT}/${file}`)
}

function readKernelFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not Linux, or the other version of the interface.
    return ''
  }
}
