/** Whether a URL is asked for over the network, at least by its scheme. */
export const isWebUrl = (text: string): boolean => /^https?:\/\//i.test(text)

/** An http or https URL without user name and password; null for any other text. Its host is judged when it is dialled. */
export function webUrl(text: string, base?: URL): URL | null {
  if (!URL.canParse(text, base?.href)) return null
  const url = new URL(text, base)
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  return isWeb && url.username === '' && url.password === '' ? url : null
}
