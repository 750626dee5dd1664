/**
 * The present moment by the server's clock, for countdowns: a phone's clock may be minutes off, the ring must
 * not be. Ticks only while somebody looks.
 */
import { createSubscriber } from 'svelte/reactivity'

const tickMs = 250
let aheadMs = 0

const subscribe = createSubscriber(update => {
  const timer = setInterval(update, tickMs)
  return () => clearInterval(timer)
})

/** Milliseconds since 1970 by the server's clock; a component that reads it follows it. */
export function now (): number {
  subscribe()
  return Date.now() + aheadMs
}

/** Something of the server's that carries its present time just arrived. */
export function serverSays (moment: number): void {
  aheadMs = moment - Date.now()
}
