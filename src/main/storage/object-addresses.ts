type Base = { readonly protocol: string; readonly host: string; readonly segments: readonly string[] }

/**
 * The URLs of a store's objects, and back. A store may be known by several base URLs, each of which leads to the same
 * objects: URLs are made from the first, and all are understood.
 */
export class ObjectAddresses {
  readonly #publicBase: string
  readonly #bases: readonly Base[]

  /** Base URLs without query; a slash at their end does not matter. */
  constructor(publicBase: string, ...others: readonly string[]) {
    this.#publicBase = publicBase.replace(/\/+$/, '')
    this.#bases = [publicBase, ...others].flatMap((base) => parse(base.replace(/\/+$/, '')) ?? [])
  }

  urlOf(path: string): string {
    return `${this.#publicBase}/${path.split('/').map(encodeURIComponent).join('/')}`
  }

  /**
   * The path of the object that a URL leads to, or null. However the URL is escaped, and whatever its query says. The
   * path has no empty segment and none of dots, so that it leads nowhere but down.
   */
  pathOf(url: string): string | null {
    const parsed = parse(url)
    if (!parsed) return null
    for (const base of this.#bases) {
      const depth = base.segments.length
      const isBelow =
        parsed.protocol === base.protocol &&
        parsed.host === base.host &&
        parsed.segments.length > depth &&
        base.segments.every((segment, i) => segment === parsed.segments[i])
      if (isBelow) return parsed.segments.slice(depth).join('/')
    }
    return null
  }
}

/** Null for what is no URL, has credentials, or has a segment that no object of ours has. */
function parse(url: string): Base | null {
  if (!URL.canParse(url)) return null
  const { protocol, host, pathname, username, password } = new URL(url)
  if (username !== '' || password !== '') return null
  try {
    const segments =
      pathname === '' || pathname === '/' ? [] : pathname.slice(1).split('/').map(decodeURIComponent)
    return segments.every(isPlain) ? { protocol, host, segments } : null
  } catch {
    // Not UTF-8 once it is unescaped.
    return null
  }
}

function isPlain(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !/[/\\\0]/.test(segment)
}
