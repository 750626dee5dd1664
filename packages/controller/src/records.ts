import { parseEventRecord, recordHash, type EventFact } from '@oncekey/protocol/messages'
import { timeAt, trustOf } from './clock.ts'
import { say } from './session.ts'
import { save, whole, type Ring, type StoredRecord, type Work } from './state.ts'
import { RESEND_MS } from './times.ts'

/** Unacknowledged records that are kept, where the host does not say that it has room for more. */
export const RING_LIMIT = 500
/** So many give way at once when the ring is full: giving way is itself a record, and must not cost one a record. */
const GIVE_WAY = 32
const BATCH = 8
/** Records of something that went wrong. */
const failures: readonly string[] = ['lock.jammed', 'keypad.lockedOut', 'records.overwritten', 'battery.changed']

/**
 * Writes a fact down: numbered without a gap over all boots, chained to the one before it, durable before anything
 * that follows in the list of effects. One stored value a record (`r/<seq>`), so that a write stays small.
 */
export function note (work: Work, fact: EventFact): void {
  const { records, acked } = work.state.ring
  if (records.length < work.state.boot.records) return append(work, fact)
  const old = records.slice(0, GIVE_WAY)
  // From the first that nobody has; what told of earlier ones may be among these.
  const first = old.reduce((least, { text }) => {
    const told = text.includes('"records.overwritten"') ? parseEventRecord(text) : null
    return told !== null && told.type === 'records.overwritten' ? Math.min(least, told.first) : least
  }, acked + 1)
  append(work, { type: 'records.overwritten', first, last: old[old.length - 1]!.seq })
  forget(work, old)
  append(work, fact)
}

function append (work: Work, fact: EventFact): void {
  const { state, now } = work
  const seq = state.ring.seq + 1
  if (failures.includes(fact.type)) state.health = { ...state.health, lastError: fact.type }
  const { trust } = trustOf(state, now)
  const text = JSON.stringify({ seq, bootId: state.boot.bootId, time: timeAt(state, now), trust, prev: state.ring.head, ...fact })
  state.ring = { ...state.ring, records: [...state.ring.records, { seq, text }], seq, head: recordHash(text) }
  save(work, 'r/' + String(seq), text)
}

function forget (work: Work, old: readonly StoredRecord[]): void {
  for (const record of old) save(work, 'r/' + String(record.seq), '')
  work.state.ring = { ...work.state.ring, records: work.state.ring.records.slice(old.length) }
}

/**
 * Everything up to `seq` is safe with the server. The index (what was acknowledged, number and hash of the newest)
 * is durable before the first record goes, so that a cut in between leaves records too many, never too few.
 */
export function acknowledge (work: Work, seq: number): void {
  const { ring } = work.state
  const old = ring.records.filter((record) => record.seq <= seq)
  // A number that we never wrote belongs to somebody else's record.
  if (seq > ring.seq || old.length === 0) return
  work.state.ring = { ...ring, acked: seq }
  save(work, 'ring', indexOf(work.state.ring))
  forget(work, old)
}

/** Sends the oldest records, one batch at a time; the next one when this one was acknowledged. */
export function sendRecords (work: Work): void {
  const { link, ring } = work.state
  if (link === null || link.session === null) return
  const { session } = link
  const first = ring.records[0]
  const waits = first !== undefined && first.seq <= session.inFlight && work.now < session.inFlightAt + RESEND_MS
  if (first === undefined || waits) return
  const batch = ring.records.slice(0, BATCH)
  say(work, 'event', { records: batch.map((record) => record.text) }, {
    inFlight: first.seq + batch.length - 1, inFlightAt: work.now
  })
}

/** Sends everything, and waits for nothing: there will be no other time. */
export function sendAll (work: Work): void {
  const { records } = work.state.ring
  for (let at = 0; at < records.length; at += BATCH) say(work, 'event', { records: records.slice(at, at + BATCH).map(({ text }) => text) })
}

/** The ring as it was stored. */
export function restoreRing (saved: Readonly<Record<string, string>>): Ring {
  const [acked, seq, head = ''] = (saved['ring'] ?? '').split(' ')
  const last = whole(acked)
  const records: StoredRecord[] = []
  for (const [key, text] of Object.entries(saved)) {
    const number = key.startsWith('r/') && text !== '' ? whole(key.slice(2)) : 0
    if (number > last) records.push({ seq: number, text })
  }
  records.sort((a, b) => a.seq - b.seq)
  const newest = records[records.length - 1]
  if (newest === undefined) return { records, seq: whole(seq), head, acked: last }
  return { records, seq: newest.seq, head: recordHash(newest.text), acked: last }
}

/** Stored records that the index calls acknowledged: a cut came before they were all gone. */
export function sweepRing (work: Work, saved: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(saved)) {
    if (key.startsWith('r/') && saved[key] !== '' && whole(key.slice(2)) <= work.state.ring.acked) save(work, key, '')
  }
}

function indexOf (ring: Ring): string {
  return String(ring.acked) + ' ' + String(ring.seq) + ' ' + ring.head
}
