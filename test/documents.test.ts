import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../src/main/commands/exit-codes.ts'
import { loadConfig } from '../src/main/config/config.ts'
import { VARIABLE_NAMES } from '../src/main/config/schema.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Variables of other programs, and what a reader is to put in. */
const OF_OTHERS = [
  'AWS_ACCESS_KEY_ID',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'LD_PRELOAD',
  'MALLOC_ARENA_MAX',
  'METADATA_SERVER_DETECTION',
  'IMAGE_URL',
  'TAG_OR_COMMIT',
  'TASK_ID',
]

/** The texts of all documents, by their paths from the root. */
const documents = new Map<string, string>()

beforeAll(async () => {
  for (const folder of ['', 'docs']) {
    for (const name of await readdir(join(ROOT, folder))) {
      if (!name.endsWith('.md')) continue
      documents.set(join(folder, name), await readFile(join(ROOT, folder, name), 'utf8'))
    }
  }
})

const withoutCode = (text: string) =>
  text.replaceAll(/^ *```.*?^ *```$/gms, '').replaceAll(/`[^`\n]*`/g, 'code')

/** What a page is called by a link to its headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^ *```.*?^ *```$/gms, '').matchAll(/^#+ (.+)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

async function isThere(path: string): Promise<boolean> {
  const names = await readdir(join(ROOT, dirname(path))).catch((): string[] => [])
  return names.includes(path.split('/').at(-1)!)
}

describe('the documents', () => {
  it('link to files and headings that are there', async () => {
    const broken: string[] = []
    let links = 0
    for (const [path, text] of documents) {
      for (const [, target = ''] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue
        links++
        const [file = '', anchor] = target.split('#')
        const wanted = file === '' ? path : join(dirname(path), file)
        const page = documents.get(wanted)
        const isRight = page === undefined || anchor === undefined || anchorsOf(page).includes(anchor)
        if (!isRight || !(await isThere(wanted))) broken.push(`${path}: ${target}`)
      }
    }
    expect(broken).toEqual([])
    expect(links).toBeGreaterThan(0)
  })

  it('name no variable that the worker does not read, but for those of others', () => {
    const known = new Set<string>([...VARIABLE_NAMES, ...OF_OTHERS])
    const unknown: string[] = []
    for (const [path, text] of documents) {
      // What changed may have had another name before.
      if (path === 'CHANGELOG.md') continue
      const names = [...text.matchAll(/\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name)
      unknown.push(...names.filter((name) => !known.has(name)).map((name) => `${path}: ${name}`))
    }
    expect(unknown).toEqual([])
  })

  it('name scripts and benchmarks that are there', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
    const benchmarks = await readdir(join(ROOT, 'bench'))
    const unknown: string[] = []
    for (const [path, text] of documents) {
      for (const [call, script = '', first] of text.matchAll(
        /npm run (?:--silent )?([a-z:]+)(?: -- ([a-z]+))?/g,
      )) {
        const isThere =
          script in scripts && (script !== 'bench' || first === undefined || benchmarks.includes(first))
        if (!isThere) unknown.push(`${path}: ${call}`)
      }
    }
    expect(unknown).toEqual([])
  })

  it('have a systemd unit that starts as npm start does, is left down by a mistake, and waits for a stop', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const unit = /^```ini\n(.*?)^```$/ms.exec(documents.get('docs/operations.md')!)?.[1]
    const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit ?? '')?.[1]
    expect(setting('ExecStart')).toBe(`/usr/bin/${scripts.start}`)
    expect(setting('RestartPreventExitStatus')).toBe(String(EXIT.config))
    const stopMs = loadConfig({}).tasks.drainTimeoutMs + 10_000
    expect(Number(setting('TimeoutStopSec')) * 1000).toBeGreaterThan(stopMs)
  })
})
