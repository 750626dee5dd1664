/**
 * The present moment by the server's clock, for countdowns: a phone's clock may be minutes off, the ring must
 * not be.
 */
const tickMs = 250
let aheadMs = 0
let moment = $state.raw(Date.now())

// One timer for the page; browsers slow it down by themselves while nobody looks.
setInterval(() => { moment = Date.now() + aheadMs }, tickMs)

/** Milliseconds since 1970 by the server's clock; a component that reads it follows it. */
export function now (): number {
  return moment
}

/** A moment of the server's by this machine's clock. */
export function onThisMachine (moment: number): number {
  return moment - aheadMs
}

/** Something of the server's that carries its present time just arrived. */
export function serverSays (present: number): void {
  aheadMs = present - Date.now()
  moment = present
}
