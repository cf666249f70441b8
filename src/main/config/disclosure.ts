import type { Disclosure } from './variable.ts'

const HIDDEN = '***'

/** A value as it may be shown in a message, a listing or a log. */
export function showValue(value: string, disclosure: Disclosure): string {
  switch (disclosure) {
    case 'open':
      return value
    case 'secret':
      return HIDDEN
    case 'url':
      return withoutCredentials(value)
    case 'address':
      return /[@?#]/.test(value) ? withoutCredentials(value) : value
  }
}

/**
 * The URL with user, password, query and fragment hidden. Text that is no URL is hidden whole, and so is a URL where an
 * `@` is left: its credentials stand where none belong, because the scheme is missing or the password is not escaped.
 */
export function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return HIDDEN
  const url = new URL(text)
  if (url.username) url.username = HIDDEN
  if (url.password) url.password = HIDDEN
  if (url.search) url.search = HIDDEN
  if (url.hash) url.hash = HIDDEN
  const { href, protocol, host, pathname } = url
  return `${protocol}${host}${pathname}`.includes('@') ? HIDDEN : href
}
