import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { REMEMBERED_MS } from './browsers.ts'
import { noteSeen } from './seen.ts'
import { newToken, tokenHash } from './tokens.ts'

/** A session ends after an hour without a request, and twelve hours after it began in any case; in a remembered browser after a week and 30 days. */
const IDLE_MS = 3_600_000
const LONGEST_MS = 12 * 3_600_000
const REMEMBERED_IDLE_MS = 7 * 86_400_000

/** How somebody proved who they are. */
export type SignedInBy = 'password' | 'mailed code' | 'passkey' | 'invitation' | 'registration' | 'recovery' | 'setup' | 'provider'

/**
 * Starts a session and gives its token, for the cookie. The browser's earlier session (`replaces`: its cookie) ends, so
 * that a session that somebody planted there is worth nothing after the sign-in.
 * `provenAt`: when its owner proved who they are, ms; now, unless it was earlier.
 */
export async function startSession (trx: Trx, house: House, order: { person: Named, address: string, agent: string, replaces?: string | undefined, by?: SignedInBy, second?: string, remember?: boolean, provenAt?: number | undefined }): Promise<string> {
  const now = house.clock()
  const { token, hash } = newToken(now)
  const [idleMs, longestMs] = order.remember === true ? [REMEMBERED_IDLE_MS, REMEMBERED_MS] : [IDLE_MS, LONGEST_MS]
  if (order.replaces !== undefined) await trx.prepare('DELETE FROM sessions WHERE token_hash = ?').run(tokenHash(order.replaces))
  await trx.prepare('INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, address, agent, idle_ms, ends_at, proven_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(hash, order.person.id, now, now, order.address, order.agent.slice(0, 200), idleMs, now + longestMs, Math.min(now, order.provenAt ?? now))
  noteSeen(trx, order.person.id, now)
  const details = { address: order.address, by: order.by ?? 'password', ...order.second === undefined ? {} : { second: order.second } }
  house.audit.append(trx, now, { event: 'session.started', actor: order.person, subject: order.person, details })
  return token
}

/**
 * The session of `sessionHash` is proven anew: it gets another token, so that one that was read by somebody before is worth
 * nothing (OWASP ASVS 5.0, 7.2.4). Its age and its end stay.
 * @returns the token for the cookie and how long that is to be kept; null when the session has ended
 */
export async function proveSession (trx: Trx, house: House, sessionHash: string): Promise<{ token: string, keptMs: number | null } | null> {
  const now = house.clock()
  const { token, hash } = newToken(now)
  const row = await trx.prepare('UPDATE sessions SET token_hash = ?, proven_at = ?, last_seen_at = ? WHERE token_hash = ? RETURNING idle_ms, ends_at').get(hash, now, now, sessionHash)
  return row === undefined ? null : { token, keptMs: Number(row['idle_ms']) === IDLE_MS ? null : Number(row['ends_at']) - now }
}

/** How long the cookie of a fresh session is kept; null: as long as the browser runs. */
export function keptMs (remember: boolean): number | null {
  return remember ? REMEMBERED_MS : null
}

/** Ends one session. */
export async function endSession (trx: Trx, house: House, sessionHash: string, person: Named): Promise<void> {
  const { changes } = await trx.prepare('DELETE FROM sessions WHERE token_hash = ?').run(sessionHash)
  if (changes !== 0) house.audit.append(trx, house.clock(), { event: 'session.ended', actor: person, subject: person })
}

/** Ends one's own sessions but the one that asks; returns how many lived. */
export async function endOtherSessions (trx: Trx, house: House, person: Named, current: string): Promise<number> {
  const ended = await endSessions(trx, house, person.id, current)
  if (ended > 0) house.audit.append(trx, house.clock(), { event: 'session.ended', actor: person, subject: person, details: { sessions: ended } })
  return ended
}

/** Ends all sessions of a person but `except`, sign-ins that wait for their second factor, and notifications in all browsers; returns how many sessions there were. */
export async function endSessions (trx: Trx, house: House, personId: string, except = ''): Promise<number> {
  const now = house.clock()
  await trx.prepare('DELETE FROM pending_sign_ins WHERE person_id = ?').run(personId)
  // Whoever has one of the browsers that are signed out is not to go on reading what is shown there.
  await trx.prepare('DELETE FROM push_subscriptions WHERE person_id = ?').run(personId)
  const ended = await trx.prepare('DELETE FROM sessions WHERE person_id = ? AND token_hash <> ? RETURNING ends_at, last_seen_at, idle_ms').all(personId, except)
  return ended.filter((row) => Number(row['ends_at']) > now && Number(row['last_seen_at']) + Number(row['idle_ms']) > now).length
}
