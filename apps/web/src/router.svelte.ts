/**
 * History routing under the base path that the server wrote into <base>. Paths in the app always start with
 * `/` and mean "from the base"; `href()` makes the address of a link.
 */
import { match } from './match.ts'
import { routes } from './routes.ts'

const base = new URL('.', document.baseURI).pathname

function read (): { path: string, query: URLSearchParams } {
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : ''
  return { path: `/${path}`, query: new URLSearchParams(location.search) }
}

/** Pages that are documents of their own, loaded anew. */
const documents = ['/door/:controllerId']

let here = $state.raw(read())

/** Where we are: `path` without the base, and the query. */
export function place (): { path: string, query: URLSearchParams } {
  return here
}

/** The address of a path of the app, for links. */
export function href (path: string): string {
  return base + path.replace(/^\//, '')
}

/** Goes to a path of the app (which may have a query) or of a door. `replace` leaves no way back to the present page. */
export function go (path: string, { replace = false } = {}): void {
  if (documents.some(each => match(each, path))) return location[replace ? 'replace' : 'assign'](href(path))
  history[replace ? 'replaceState' : 'pushState'](null, '', href(path))
  here = read()
}

/** Plain links to our own pages change the page without loading it; all others stay the browser's. */
function follow (event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin || !link.pathname.startsWith(base)) return
  const path = `/${link.pathname.slice(base.length)}`
  if (path !== '/' && !routes.some(route => match(route.path, path))) return
  event.preventDefault()
  if (link.href !== location.href) go(path + link.search)
}

/** Starts listening to links and to the browser's way back; returns what stops it. */
export function startRouter (): () => void {
  const back = (): void => { here = read() }
  document.addEventListener('click', follow)
  addEventListener('popstate', back)
  return () => {
    document.removeEventListener('click', follow)
    removeEventListener('popstate', back)
  }
}
