import type { FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { ME, meIn } from '../me/describe.ts'
import { following, type Awaitable } from '../platform/db.ts'
import { PROVEN_MS, type Caller } from '../platform/http.ts'
import { perHouse } from '../platform/per-house.ts'
import { sessionIn } from './cookies.ts'
import { noteSeen } from './seen.ts'
import { tokenHash } from './tokens.ts'

/** `last_seen_at` is written at most so often: not each page costs a commit. */
const SEEN_EVERY_MS = 60_000

const CALLER = `SELECT ${ME}, s.last_seen_at, s.proven_at, s.idle_ms, s.ends_at FROM sessions s JOIN people p ON p.id = s.person_id JOIN sites t ON t.id = p.site_id
  WHERE s.token_hash = ? AND s.ends_at > ? AND s.last_seen_at + s.idle_ms > ? AND p.suspended_at IS NULL AND p.removed_at IS NULL`

/** Who sends a request, by its session cookie; null for nobody, an ended session, a suspended or removed person. */
export function whoCalls (house: House): (request: FastifyRequest) => Awaitable<Caller | null> {
  return (request) => {
    const token = sessionIn(request, house)
    if (token === undefined || token === '') return null
    const now = house.clock()
    const lately = calledLately(house, now)
    const known = lately?.get(token)
    if (known !== undefined && now < known.until) return known.caller
    const sessionHash = tokenHash(token)
    const found = house.db.ask(CALLER).get(sessionHash, now, now)
    return following(found, (row) => {
      if (row === undefined) return null
      const provenAt = Number(row['proven_at'])
      const me = meIn(house, row)
      const caller: Caller = {
        id: me.id, name: me.name, role: me.role, siteId: me.site.id, sessionHash, me,
        provenUntil: provenAt + PROVEN_MS, isProven: provenAt <= now && now < provenAt + PROVEN_MS
      }
      const seenAt = Number(row['last_seen_at'])
      if (now - seenAt >= SEEN_EVERY_MS) return noteUse(house, sessionHash, caller.id, now).then(() => caller)
      lately?.set(token, { caller, until: Math.min(seenAt + Math.min(SEEN_EVERY_MS, Number(row['idle_ms'])), Number(row['ends_at']), caller.isProven ? caller.provenUntil : Infinity) })
      return caller
    })
  }
}

/** How long a caller is known without being read again: at most so late is heard what another program wrote into the file. */
const LATELY_MS = 1000
/** A page asks for a dozen things at once; more callers than this within a second are read each time. */
const MOST_LATELY = 1000

/** `until`: what was read of a caller holds before this time. */
type Callers = Map<string, { caller: Caller, until: number }>
type Lately = { writes: number | null, since: number, callers: Callers }
const latelyOf = perHouse((): Lately => ({ writes: null, since: 0, callers: new Map() }))

/**
 * Who called since the last write, by the session's token: a look-up in the database costs more than all else that a small
 * answer does. Any write forgets them all before it is answered, so whoever was suspended or signed out is out at once.
 * Null where other processes write, too, and we would not hear of it.
 */
function calledLately (house: House, now: number): Callers | null {
  const { writes } = house.db
  if (writes === null) return null
  const lately = latelyOf(house)
  if (lately.writes !== writes || now < lately.since || now - lately.since >= LATELY_MS || lately.callers.size >= MOST_LATELY) {
    lately.writes = writes
    lately.since = now
    lately.callers.clear()
  }
  return lately.callers
}

async function noteUse (house: House, sessionHash: string, personId: string, now: number): Promise<void> {
  try {
    await house.db.write(async (trx) => {
      await trx.prepare('UPDATE sessions SET last_seen_at = ? WHERE token_hash = ? AND last_seen_at < ?').run(now, sessionHash, now)
      noteSeen(trx, personId, now)
    })
  } catch (error) {
    // A full disk or queue keeps nobody from reading what is there.
    house.log.warn('a session\'s last use could not be noted', { error })
  }
}
