import type { SecondFactor } from '@oncekey/protocol/schemas'
import type { Row, Trx } from '../platform/db.ts'

/** What `waysIn` reads, of `people p`. */
export const WAYS = `EXISTS (SELECT 1 FROM passkeys WHERE person_id = p.id) AS passkey, EXISTS (SELECT 1 FROM authenticators WHERE person_id = p.id) AS totp,
  EXISTS (SELECT 1 FROM recovery_codes WHERE person_id = p.id) AS recovery_code`

/** The second factors of a person, in the order in which a page offers them; none when a first factor is enough. */
export async function waysOf (trx: Trx, personId: string): Promise<SecondFactor[]> {
  return waysIn(await trx.prepare(`SELECT ${WAYS} FROM people p WHERE p.id = ?`).get(personId))
}

/** The same of a row that was read with more. */
export function waysIn (row: Row | undefined): SecondFactor[] {
  // SQLite says 1, PostgreSQL true.
  const has = (name: string): boolean => Boolean(row?.[name])
  const main: SecondFactor[] = [...has('passkey') ? ['passkey' as const] : [], ...has('totp') ? ['totp' as const] : []]
  return main.length === 0 ? [] : has('recovery_code') ? [...main, 'recoveryCode'] : main
}
