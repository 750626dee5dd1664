/** The SHA-256 of this server's own authority, as the server prints it; '' when it has none, or its certificate is known to all. */
export async function fingerprintHere (): Promise<string> {
  if (location.protocol !== 'https:') return ''
  const answer = await fetch(new URL('ca.pem', document.baseURI)).catch(() => null)
  const pem = answer?.ok === true ? await answer.text() : ''
  const body = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(pem)?.[1]
  if (body === undefined) return ''
  const hash = await crypto.subtle.digest('SHA-256', Uint8Array.from(atob(body.replace(/\s/g, '')), letter => letter.charCodeAt(0)))
  return Array.from(new Uint8Array(hash), byte => byte.toString(16).padStart(2, '0')).join(':').toUpperCase()
}

/** What is wrong with an address for a board: not an address, or one that means this very computer. */
export function wrongAddress (text: string): 'form' | 'local' | null {
  const url = URL.parse(text.trim())
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') return 'form'
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname) ? 'local' : null
}
