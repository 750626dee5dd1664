/**
 * A fetch that keeps cookies, for programs outside browsers: one for each person who signs in. Cookies go back only
 * to the origin that set them; paths and life times are left to the server, which ends sessions itself.
 *
 *     const client = createClient({ base: 'http://127.0.0.1:8080', fetch: fetchWithCookies() })
 */
export function fetchWithCookies (inner: typeof fetch = fetch): typeof fetch {
  const jars = new Map<string, Map<string, string>>()
  return async (input, init) => {
    const request = new Request(input, init)
    const { origin } = new URL(request.url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    if (jar.size > 0) request.headers.set('cookie', Array.from(jar, ([name, value]) => `${name}=${value}`).join('; '))
    const response = await inner(request)
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';')
      const name = pair.slice(0, pair.indexOf('=')).trim()
      if (attributes.some((one) => /^\s*max-age=(0|-\d+)\s*$|^\s*expires=.*\b1970\b/i.test(one))) jar.delete(name)
      else jar.set(name, pair.slice(pair.indexOf('=') + 1).trim())
    }
    return response
  }
}
