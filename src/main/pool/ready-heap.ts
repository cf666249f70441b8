/** Something that waits, with the key that it waits by: the lowest level first, and in a level the lowest order. */
export type Ready<T> = { readonly item: T; readonly level: number; readonly order: number }

/** A binary heap of what is ready to be picked. */
export class ReadyHeap<T> {
  readonly #entries: Ready<T>[] = []

  get size(): number {
    return this.#entries.length
  }

  first(): Ready<T> | undefined {
    return this.#entries[0]
  }

  push(entry: Ready<T>): void {
    const entries = this.#entries
    let at = entries.length
    entries.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, entries[parent]!)) break
      entries[at] = entries[parent]!
      at = parent
    }
    entries[at] = entry
  }

  dropFirst(): void {
    const entries = this.#entries
    const last = entries.pop()
    if (last === undefined || entries.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++
      if (!isBefore(entries[child]!, last)) break
      entries[at] = entries[child]!
      at = child
    }
    entries[at] = last
  }
}

function isBefore<T>(a: Ready<T>, b: Ready<T>): boolean {
  return a.level === b.level ? a.order < b.order : a.level < b.level
}
