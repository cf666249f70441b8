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
  }
}

/** The URL with user, password and query hidden; text that is no URL is hidden whole. */
export function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return HIDDEN
  const url = new URL(text)
  if (url.username) url.username = HIDDEN
  if (url.password) url.password = HIDDEN
  if (url.search) url.search = HIDDEN
  return url.href
}
