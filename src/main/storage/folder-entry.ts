import { workerData } from 'node:worker_threads'
import { move, transferableSymbol, valueSymbol } from 'piscina'
import { FolderFiles } from './folder-files.ts'
import type { FolderAnswer, FolderRequest } from './folder-protocol.ts'

// The entry of the thread that works on a folder of images, whose root it is given.

const files = new FolderFiles(workerData as string)

/** Answers requests that came together, in their order. What has been read goes to the main thread uncopied. */
export default async function answer(requests: readonly FolderRequest[]): Promise<readonly FolderAnswer[]> {
  const answers = await files.answer(requests)
  const read = answers.flatMap((each) =>
    each.ok && each.value instanceof Uint8Array ? [each.value.buffer] : [],
  )
  if (read.length > 0) {
    move(Object.assign(answers, { [transferableSymbol]: read, [valueSymbol]: answers }))
  }
  return answers
}
