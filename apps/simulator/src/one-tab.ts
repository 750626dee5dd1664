/**
 * One tab is the controller; the others wait and take over when it closes. Web Locks do this where they
 * exist; on plain http in a LAN they do not, and a lease in localStorage stands in.
 */

/** What of localStorage is used. */
export type KeyValue = {
  readonly length: number
  key: (index: number) => string | null
  getItem: (key: string) => string | null
  setItem: (key: string, value: string) => void
  removeItem: (key: string) => void
}

export type LockRequests = { request: (name: string, options: { signal: AbortSignal }, held: () => Promise<void>) => Promise<unknown> }

const LEASE_MS = 5000
const RENEW_MS = 1500

/**
 * Calls `run` when this tab may be the controller, and what `run` returned when it may no longer.
 * @returns the way to give it up for good
 */
export function onlyTab (name: string, run: () => () => void, ports: { locks: LockRequests | undefined, store: KeyValue }): () => void {
  return ports.locks === undefined ? byLease(name, run, ports.store) : byLock(name, run, ports.locks)
}

function byLock (name: string, run: () => () => void, locks: LockRequests): () => void {
  const gone = new AbortController()
  let release = (): void => gone.abort()
  locks.request(name, { signal: gone.signal }, () => new Promise<void>((resolve) => {
    const halt = run()
    release = () => {
      halt()
      resolve()
    }
  })).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error
  })
  return () => release()
}

/** Two tabs that look in the same moment may both start; the one that finds the other's name in the lease stops. */
function byLease (name: string, run: () => () => void, store: KeyValue): () => void {
  const key = name + '/tab'
  const me = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  let halt: (() => void) | null = null
  look()
  const timer = setInterval(look, RENEW_MS)
  // A tab in the background is slowed down; the event tells it at once that another took the lease.
  const heard = (event: { key: string | null }): void => { if (event.key === key) look() }
  globalThis.addEventListener?.('storage', heard)
  return () => {
    clearInterval(timer)
    globalThis.removeEventListener?.('storage', heard)
    if (halt === null) return
    halt()
    store.removeItem(key)
  }

  function look (): void {
    const [holder = '', until = '0'] = (store.getItem(key) ?? '').split(' ')
    const free = holder === '' || holder === me || Number(until) < Date.now()
    if (free) {
      store.setItem(key, `${me} ${Date.now() + LEASE_MS}`)
      halt ??= run()
    } else if (halt !== null) {
      halt()
      halt = null
    }
  }
}
