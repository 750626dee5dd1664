import { base64url } from '@oncekey/otp/sha256'
import { parseWelcome, sessionOf } from '@oncekey/protocol/messages'
import { upTopic } from '@oncekey/protocol/topics'
import { setClock, trustOf } from './clock.ts'
import { closeQuestion } from './keypad.ts'
import { takeLockout } from './lockout.ts'
import { acknowledge } from './records.ts'
import { publish } from './session.ts'
import { settingsOf } from './settings.ts'
import { emit, type Link, type Work } from './state.ts'
import { HEALTH_MS, TIME_MS } from './times.ts'
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
  const { state, now } = work
  const { owner, ring, boot } = state
  if (owner === null) return
  disconnected(work)
  const epoch = base64url(entropy)
  state.link = { owner, epoch, helloAt: now, session: null }
  emit(work, { do: 'publish', topic: upTopic(owner.address, 'avail'), payload: 'online', qos: 1, retain: true })
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
