/** What happens on the server, as it happens: one line for the whole page, heard by whoever shows something. */
import type { Feed } from '@oncekey/client'
import type { FeedEvent } from '@oncekey/protocol/schemas'
import { client } from './client.ts'

const listeners = new Set<(event: FeedEvent) => void>()
const returns = new Set<() => void>()
let feed: Feed | null = null
let brokenAt = $state(0)

/** True when the line was lost and is not back yet. */
export function isOffline (): boolean {
  return brokenAt > 0
}

/**
 * Hears events until the returned function is called. `onReturn` is called when the line came back after a
 * break: states that changed meanwhile are not sent again, so load them. Use it in an effect:
 * `$effect(() => onFeed(hear, load))`.
 */
export function onFeed (hear: (event: FeedEvent) => void, onReturn?: () => void): () => void {
  listeners.add(hear)
  if (onReturn) returns.add(onReturn)
  return () => {
    listeners.delete(hear)
    if (onReturn) returns.delete(onReturn)
  }
}

/** Opens the line for the person who is signed in; `onRefused` is called when the session is over. */
export function startFeed (onRefused: () => void): () => void {
  let ended = false
  let wasLive = false
  const line = client.feed(event => { for (const hear of listeners) hear(event) }, next => {
    if (next === 'waiting' && brokenAt === 0) brokenAt = Date.now()
    if (next === 'live') {
      brokenAt = 0
      if (wasLive) for (const back of returns) back()
      wasLive = true
    }
    if (next === 'closed' && !ended) onRefused()
  })
  feed = line
  const retry = (): void => line.retry()
  addEventListener('online', retry)
  return () => {
    ended = true
    removeEventListener('online', retry)
    line.close()
    feed = null
    brokenAt = 0
  }
}

/** Connects now instead of waiting. */
export function retryFeed (): void {
  feed?.retry()
}
