import { createHash, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import type { Caller } from '../platform/http.ts'

export const COOKIE = 'oncekey'
/** A session ends after an hour without a request, and twelve hours after it began in any case. */
export const IDLE_MS = 3_600_000
export const LONGEST_MS = 12 * 3_600_000
/** `last_seen_at` is written at most so often: not each page costs a commit. */
const SEEN_EVERY_MS = 60_000

/** How somebody proved who they are. */
export type SignedInBy = 'password' | 'mailed code' | 'invitation' | 'registration' | 'recovery'

/** A secret of 256 bits as it travels, and what is kept of it. */
export function newToken (): { token: string, hash: string } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: tokenHash(token) }
}

export function tokenHash (token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/**
 * Starts a session and gives its token, for the cookie. The browser's earlier session (`replaces`: its cookie) ends, so
 * that a session that somebody planted there is worth nothing after the sign-in.
 */
export async function startSession (trx: Trx, house: House, order: { person: Named, address: string, agent: string, replaces?: string | undefined, by?: SignedInBy }): Promise<string> {
  const now = house.clock()
  const { token, hash } = newToken()
  await trx.prepare('DELETE FROM sessions WHERE created_at <= ? OR last_seen_at <= ?').run(now - LONGEST_MS, now - IDLE_MS)
  if (order.replaces !== undefined) await trx.prepare('DELETE FROM sessions WHERE token_hash = ?').run(tokenHash(order.replaces))
  await trx.prepare('INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, address, agent) VALUES (?, ?, ?, ?, ?, ?)')
    .run(hash, order.person.id, now, now, order.address, order.agent.slice(0, 200))
  await trx.prepare('UPDATE people SET last_seen_at = ? WHERE id = ?').run(now, order.person.id)
  house.audit.append(trx, now, { event: 'session.started', actor: order.person, subject: order.person, details: { address: order.address, by: order.by ?? 'password' } })
  return token
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

/** Ends all sessions of a person but `except`; returns how many there were. */
export async function endSessions (trx: Trx, house: House, personId: string, except = ''): Promise<number> {
  const now = house.clock()
  const ended = await trx.prepare('DELETE FROM sessions WHERE person_id = ? AND token_hash <> ? RETURNING created_at, last_seen_at').all(personId, except)
  return ended.filter((row) => Number(row['created_at']) > now - LONGEST_MS && Number(row['last_seen_at']) > now - IDLE_MS).length
}

/** Who sends a request, by its session cookie; null for nobody, an ended session, a suspended or removed person. */
export function whoCalls (house: House): (request: FastifyRequest) => Promise<Caller | null> {
  return async (request) => {
    const token = request.cookies[COOKIE]
    if (token === undefined || token === '') return null
    const now = house.clock()
    const sessionHash = tokenHash(token)
    const row = await house.db.read.selectFrom('sessions as s').innerJoin('people as p', 'p.id', 's.person_id')
      .select(['p.id', 'p.name', 'p.role', 'p.site_id', 's.last_seen_at'])
      .where('s.token_hash', '=', sessionHash).where('s.created_at', '>', now - LONGEST_MS).where('s.last_seen_at', '>', now - IDLE_MS)
      .where('p.suspended_at', 'is', null).where('p.removed_at', 'is', null).executeTakeFirst()
    if (row === undefined) return null
    if (now - row.last_seen_at >= SEEN_EVERY_MS) await noteSeen(house, sessionHash, row.id, now)
    return { id: row.id, name: row.name, role: row.role, siteId: row.site_id, sessionHash }
  }
}

async function noteSeen (house: House, sessionHash: string, personId: string, now: number): Promise<void> {
  try {
    await house.db.write(async (trx) => {
      await trx.prepare('UPDATE sessions SET last_seen_at = ? WHERE token_hash = ? AND last_seen_at < ?').run(now, sessionHash, now)
      await trx.prepare('UPDATE people SET last_seen_at = ? WHERE id = ?').run(now, personId)
    })
  } catch (error) {
    // A full disk or queue keeps nobody from reading what is there.
    house.log.warn('a session\'s last use could not be noted', { error })
  }
}

/** The cookie: not for scripts, not for other sites' pages, and only over TLS where we have it. */
export function setCookie (request: FastifyRequest, reply: FastifyReply, house: House, token: string): void {
  void reply.setCookie(COOKIE, token, { ...cookieAttributes(request, house), maxAge: LONGEST_MS / 1000 })
}

export function clearCookie (request: FastifyRequest, reply: FastifyReply, house: House): void {
  void reply.clearCookie(COOKIE, cookieAttributes(request, house))
}

/** What all our cookies have in common. */
export function cookieAttributes (request: FastifyRequest, house: House) {
  const secure = request.protocol === 'https' || house.config.publicUrl?.startsWith('https:') === true
  return { path: '/', httpOnly: true, sameSite: 'lax' as const, secure }
}
