import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OutputFolder } from '../../../src/main/demo/output-folder.ts'

let place: string
let out: string

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'output-folder-'))
  out = join(place, 'out')
})

afterEach(() => rm(place, { recursive: true, force: true }))

describe('the folder of the demo', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['it is a file', () => writeFile(out, '')],
    ['the folder of the images is a file', () => mkdir(out).then(() => writeFile(join(out, 'images'), ''))],
    ['the log is a folder', () => mkdir(join(out, 'worker.log'), { recursive: true })],
    ['the report is a folder', () => mkdir(join(out, 'report.html'), { recursive: true })],
    ['the contact sheet is a folder', () => mkdir(join(out, 'contact-sheet.png'), { recursive: true })],
  ])('is refused where %s', async (_name, arrange) => {
    await arrange()
    await expect(OutputFolder.open(out, 'users/demo/')).rejects.toThrow(`cannot write to ${out}: `)
  })
})
