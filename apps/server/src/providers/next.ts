const nowhere = 'http://nowhere.invalid'
/** Longer ones are none of ours, and would not go into a cookie. */
const LONGEST = 500

/**
 * Where somebody goes who has signed in: only ever a page of our own, never another site, a script or a call of the API.
 * Everything else is `/`. What comes back is written as `URL` does, so no browser reads something else in it.
 */
export function safeNext (next: string | undefined): string {
  if (next === undefined || next.length > LONGEST || /\s/.test(next) || !isPath(next)) return '/'
  let meant: string
  try {
    meant = decodeURIComponent(next)
  } catch {
    return '/'
  }
  // What a proxy may undo once more on the way is looked at as it would be then.
  if (!isPath(meant)) return '/'
  const url = URL.parse(next, nowhere)
  if (url === null || url.origin !== nowhere || url.pathname.startsWith('//') || /^\/api(\/|$)/i.test(url.pathname)) return '/'
  return url.pathname + url.search
}

/** Begins with one slash, and has no backslashes and no signs that nobody sees. */
function isPath (text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  return /^\/(?![/\\])[^\\\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]*$/.test(text)
}
