import { invalidArgument } from './status-error.ts'

/**
 * The resource with the fields that the mask names taken from the update.
 *
 * @param mutable from the protocol's names of the fields that may change to the resource's.
 */
export function applyUpdate<Resource extends object>(
  current: Resource,
  update: Resource,
  paths: readonly string[],
  mutable: Readonly<Record<string, string>>,
): Resource {
  if (paths.length === 0) throw invalidArgument('The update_mask must be set and must have paths')
  const changes = paths.map((path) => {
    const field = Object.hasOwn(mutable, path) ? mutable[path] : undefined
    if (field === undefined) {
      throw invalidArgument(
        `Invalid update_mask: ${path.slice(0, 100)} cannot be changed. ` +
          `What can be is: ${Object.keys(mutable).join(', ')}.`,
      )
    }
    return [field, update[field as keyof Resource]]
  })
  return { ...current, ...Object.fromEntries(changes) }
}
