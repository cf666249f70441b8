import { checkBounds } from './bounds.ts'
import type { PageRequest } from './wire.ts'

const MAX_PAGE_SIZE = 1_000

export type Page<Item> = { readonly items: readonly Item[]; readonly nextPageToken: string }

/** One page of named things in order of their names. The token is the last name of the page before. */
export function pageOf<Item>(
  items: Iterable<Item>,
  nameOf: (item: Item) => string,
  { pageSize, pageToken }: PageRequest,
): Page<Item> {
  checkBounds('page_size', pageSize, 0, Infinity)
  const limit = Math.min(pageSize || MAX_PAGE_SIZE, MAX_PAGE_SIZE)
  const rest = [...items]
    .filter((item) => nameOf(item) > pageToken)
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { items: page, nextPageToken: rest.length > limit && last ? nameOf(last) : '' }
}
