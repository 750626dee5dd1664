import { base64url, utf8 } from '@oncekey/otp/sha256'
import { parseWelcome, sessionOf } from '@oncekey/protocol/messages'
import { upTopic } from '@oncekey/protocol/topics'
import { setClock, trustOf } from './clock.ts'
import { closeQuestion } from './keypad.ts'
import { takeLockout } from './lockout.ts'
import { acknowledge } from './records.ts'
import { publish } from './session.ts'
import { settingsOf } from './settings.ts'
import { emit, type Link, type Owner, type Work } from './state.ts'
import { HEALTH_MS, HELLO_MS, LONGEST_HELLO_MS, TIME_MS } from './times.ts'
import type { Identity } from './types.ts'

/** What the host gives the broker as the last will, before it connects. QoS 1, retained. */
export function willOf (identity: Identity): { topic: string, payload: string } {
  return { topic: upTopic(identity, 'avail'), payload: 'offline' }
}

/**
 * The broker took us. Nothing moves: whatever was wanted before is asked for again by the server, in a session
 * of its own. The host has subscribed before it reports this.
 */
export function connected (work: Work, entropy: Uint8Array): void {
  const { owner } = work.state
  if (owner === null) return
  disconnected(work)
  emit(work, { do: 'publish', topic: upTopic(owner.address, 'avail'), payload: 'online', qos: 1, retain: true })
  sayHello(work, owner, base64url(entropy), HELLO_MS)
}

/**
 * Nobody answered: the server was away, or had no time. The hello is said again, ever less often, with an epoch of its own:
 * so a welcome tells which of them it answers, and the clock counts from that one.
 */
export function watchHello (work: Work): void {
  const { state, now } = work
  const { link } = state
  if (link === null || link.session !== null || now < link.againAt) return
  const epoch = state.hmac(link.owner.keys.macUp, utf8(link.epoch)).slice(0, 16)
  sayHello(work, link.owner, base64url(epoch), Math.min(LONGEST_HELLO_MS, 2 * link.pauseMs))
}

function sayHello (work: Work, owner: Owner, epoch: string, pauseMs: number): void {
  const { state, now } = work
  const { ring, boot } = state
  // Up to half as long again, by chance: controllers that lost their server together do not come back together.
  state.link = { owner, epoch, helloAt: now, pauseMs, againAt: now + pauseMs + (epoch.charCodeAt(0) % 32 * pauseMs >> 6), session: null }
  const hello = {
    v: 1, firmware: boot.firmware, hardware: boot.hardware, locks: state.locks.length, abilities: [], bootId: boot.bootId,
    reset: boot.reset, epoch, settingsVersion: settingsOf(state).version,
    events: { first: ring.records[0]?.seq ?? 0, last: ring.records.length > 0 ? ring.seq : 0, head: ring.head },
    clock: trustOf(state, now)
  }
  publish(work, owner, 'hello', JSON.stringify(hello))
}

/** The session ends with its connection, and so does the question that it carried. */
export function disconnected (work: Work): void {
  work.state.link = null
  work.state.reported = ''
  closeQuestion(work)
}

/** Only the first welcome of a connection counts: a second one, replayed or not, would restart the counters. */
export function welcomed (work: Work, link: Link, body: string): void {
  const { now } = work
  const welcome = parseWelcome(body)
  const s = welcome === null ? null : sessionOf(welcome.epoch, welcome.nonce)
  if (welcome === null || s === null || link.session !== null || welcome.epoch !== link.epoch) return
  const session = { s, sent: 0, heard: 0, inFlight: 0, inFlightAt: now, healthAt: now + HEALTH_MS, timeAt: now + TIME_MS }
  work.state.link = { ...link, session }
  setClock(work, link.helloAt, welcome.time)
  takeLockout(work, welcome.lockoutMs)
  acknowledge(work, welcome.acked)
  emit(work, { do: 'tone', tone: 'connected' })
}
