import { readdir, readFile, readlink } from 'node:fs/promises'

export type FoundProcess = { readonly pid: number; readonly commandLine: string }

/** The processes that name the folder in their command line or work in it, of whatever parent. Linux only. */
export async function processesOn(folder: string): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      // What cannot be read is gone in the meantime.
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      const workingFolder = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      return { pid, commandLine: commandLine.replaceAll('\0', ' '), workingFolder }
    }),
  )
  return found.filter(
    ({ commandLine, workingFolder }) => commandLine.includes(folder) || workingFolder.startsWith(folder),
  )
}
