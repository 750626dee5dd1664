import NTP from 'embedded:network/ntp/client'
import UDP from 'embedded:io/socket/udp'
import Time from 'time'
import type { Address } from '@oncekey/host'
import { request, resolver } from './net.ts'

/** No clock of a box is earlier than this; what says so is wrong. */
const EARLIEST_MS = 1_767_225_600_000

/**
 * Sets the clock by NTP, or where nobody answers (a network without the world) by the Date that the server's
 * page carries, which nobody vouches for: whoever forges it gets a certificate of the right authority judged by another day. What opens doors is counted by the server's sealed time, never by this.
 */
export function askTime (server: Address | null, done: (isSet: boolean) => void): void {
  const ntp = new NTP({ servers: ['pool.ntp.org'], dns: resolver(), socket: { io: UDP } })
  ntp.getTime((error, time) => {
    ntp.close()
    if ((error === null || error === undefined) && time !== undefined && take(time)) return done(true)
    if (server === null) return done(false)
    request(server, 'anybody', { method: 'GET', path: '/health' }, (answer) => { done(take(Date.parse(answer?.headers.get('date') ?? ''))) })
  })
}

function take (ms: number): boolean {
  if (!(ms > EARLIEST_MS)) return false
  Time.set(Math.floor(ms / 1000))
  return true
}
