import { href, place } from '../router.svelte.ts'

/**
 * Writes what is chosen on a page into its address, so that a reload or a sent link shows the same. The page is
 * not opened anew. Empty values are left out.
 */
export function rewriteQuery (choices: Readonly<Record<string, string | null>>): void {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(choices)) if (value) query.set(name, value)
  const search = query.toString()
  history.replaceState(null, '', href(place().path) + (search && `?${search}`))
}
