/**
 * Small choices kept in this browser. Storage may be missing or refused (private windows, policies); then a
 * choice lasts as long as the page. Nothing secret belongs here.
 */
const prefix = 'oncekey.'

export function recall (name: string, store: 'local' | 'session' = 'local'): string | null {
  try {
    return storage(store).getItem(prefix + name)
  } catch {
    return null
  }
}

/** Null forgets. */
export function remember (name: string, value: string | null, store: 'local' | 'session' = 'local'): void {
  try {
    if (value === null) storage(store).removeItem(prefix + name)
    else storage(store).setItem(prefix + name, value)
  } catch {
    // Refused storage is no reason to stop.
  }
}

function storage (store: 'local' | 'session'): Storage {
  return store === 'local' ? localStorage : sessionStorage
}
