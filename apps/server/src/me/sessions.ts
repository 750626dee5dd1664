import { createHash } from 'node:crypto'
import type { MySession } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { endSession } from '../sessions/sessions.ts'

/** What a session is called outside: nobody gets from it to the token, or to what is kept of it. */
function idOf (tokenHash: string): string {
  return createHash('sha256').update(`session\n${tokenHash}`).digest('hex').slice(0, 32)
}

/** One's own sessions that still live, the one that was used last first. */
export async function findMySessions (house: House, personId: string, currentHash: string): Promise<MySession[]> {
  const now = house.clock()
  const rows = await house.db.read.selectFrom('sessions').select(['token_hash', 'created_at', 'last_seen_at', 'address', 'agent']).where('person_id', '=', personId)
    .where('ends_at', '>', now).where(sql<boolean>`last_seen_at + idle_ms > ${now}`).orderBy('last_seen_at', 'desc').orderBy('created_at', 'desc').execute()
  return rows.map((row) => ({
    id: idOf(row.token_hash), isCurrent: row.token_hash === currentHash, startedAt: row.created_at, lastSeenAt: row.last_seen_at, address: row.address, agent: row.agent
  }))
}

/** Ends one of one's own sessions. @throws Problem notFound for an unknown, ended or foreign one */
export async function endMySession (trx: Trx, house: House, person: Named, id: string): Promise<void> {
  const rows = await trx.prepare('SELECT token_hash FROM sessions WHERE person_id = ?').all(person.id)
  const hash = rows.map((row) => String(row['token_hash'])).find((one) => idOf(one) === id)
  if (hash === undefined) throw new Problem('notFound')
  await endSession(trx, house, hash, person)
}
