import type { Config } from '../config/config.ts'
import { UnusableSetting } from '../config/unusable-setting.ts'

/** The part of a store that can try itself out. */
export interface TriableStore {
  /** Stores something and takes it away again. Throws the error of the file system as it is. */
  tryOut(): Promise<void>
}

/** What may pass by itself: the disk is full, the device sick, the process out of file handles. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'EBUSY'])

/** Tries the store before any image depends on it. Throws an {@link UnusableSetting} that says what is expected. */
export async function checkStorage(store: TriableStore, { storage }: Config): Promise<void> {
  try {
    await store.tryOut()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new UnusableSetting(
      storage.isGiven ? `STORAGE_URL=${storage.url}` : `STORAGE_URL (unset, so ${storage.url} in DATA_DIR)`,
      `images cannot be stored there (${code}); expected file:///ABSOLUTE/FOLDER that can be made and written`,
      PASSING.has(code) ? 'unreachable' : 'wrong',
      { cause: error },
    )
  }
}
