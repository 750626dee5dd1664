import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { newToken, tokenHash } from './tokens.ts'

/**
 * Browsers in which a person has signed in before, known by a cookie. The mark opens nothing. Sign-ins that carry it have
 * tries of their own, so strangers who fail on purpose use up only the tries of browsers that nobody knows; and where its
 * owner asked for it, no second factor is asked.
 */
export type Browser = { id: string, personId: string, tokenHash: string, rememberedUntil: number }

export const KNOWN_MS = 180 * 86_400_000
/** How long no second factor is asked in a browser that is remembered, and how long a session lasts there at most. */
export const REMEMBERED_MS = 30 * 86_400_000
/** Marks that one person can have: each has tries of its own, so whoever knew a password once must not have got them by the hundred. */
const MOST = 20

/** The browser of a request by its cookie; null for none, and for a mark that is made up, forgotten or too old. */
export async function findBrowser (house: House, token: string | undefined): Promise<Browser | null> {
  return token === undefined || token.length > 64 ? null : browserIn(house.db.read, house, token)
}

/** The same as the rest of a write sees it. Null, too, when it is another person's. */
export async function browserOf (trx: Trx, house: House, token: string | undefined, personId: string): Promise<Browser | null> {
  const browser = token === undefined || token.length > 64 ? null : await browserIn(trx.sql, house, token)
  return browser?.personId === personId ? browser : null
}

async function browserIn (sql: Trx['sql'], house: House, token: string): Promise<Browser | null> {
  const row = await sql.selectFrom('browsers').select(['id', 'person_id', 'token_hash', 'remembered_until']).where('token_hash', '=', tokenHash(token))
    .where('last_used_at', '>', house.clock() - KNOWN_MS).executeTakeFirst()
  return row === undefined ? null : { id: row.id, personId: row.person_id, tokenHash: row.token_hash, rememberedUntil: row.remembered_until ?? 0 }
}

/**
 * Notes that somebody signed in with it: makes a mark, or keeps the one that is there. Returns the token for the cookie.
 * @param count how many the person has, where that was read before
 */
export async function noteBrowser (trx: Trx, house: House, { browser, token, personId, agent, address, remember, count = MOST }: { browser: Browser | null, token: string | undefined, personId: string, agent: string, address: string, remember: boolean, count?: number | undefined }): Promise<string> {
  const now = house.clock()
  const until = remember ? now + REMEMBERED_MS : null
  if (browser !== null && token !== undefined) {
    await trx.prepare('UPDATE browsers SET last_used_at = ?, agent = ?, address = ?, remembered_until = coalesce(?, remembered_until) WHERE token_hash = ?').run(now, agent.slice(0, 200), address, until, browser.tokenHash)
    return token
  }
  const made = newToken(now)
  // Those that are remembered go last: whoever knows the password is not to push them out.
  if (count >= MOST) await trx.prepare(`DELETE FROM browsers WHERE token_hash IN (SELECT token_hash FROM browsers WHERE person_id = ? ORDER BY coalesce(remembered_until, 0) > ? DESC, last_used_at DESC LIMIT 1000 OFFSET ${MOST - 1})`).run(personId, now)
  await trx.prepare('INSERT INTO browsers (token_hash, id, person_id, agent, address, created_at, last_used_at, remembered_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    .run(made.hash, house.newId(), personId, agent.slice(0, 200), address, now, now, until)
  return made.token
}

/**
 * Forgets a person's browsers but `except`: their password was changed, or a second factor was taken away. Whoever signed in
 * there before knows no more than a stranger from now on.
 * @returns how many there were
 */
export async function forgetBrowsers (trx: Trx, personId: string, except: string | undefined = undefined): Promise<number> {
  const { changes } = await trx.prepare('DELETE FROM browsers WHERE person_id = ? AND token_hash <> ?').run(personId, except === undefined ? '' : tokenHash(except))
  return changes
}

/** Forgets one. @returns false when the person has no such browser */
export async function forgetBrowser (trx: Trx, personId: string, id: string): Promise<boolean> {
  const { changes } = await trx.prepare('DELETE FROM browsers WHERE id = ? AND person_id = ?').run(id, personId)
  return changes > 0
}
