import type { SecondFactor } from '@oncekey/protocol/schemas'
import type { Trx } from '../platform/db.ts'

/** The second factors of a person, in the order in which a page offers them; none when a first factor is enough. */
export async function waysOf (trx: Trx, personId: string): Promise<SecondFactor[]> {
  const row = await trx.prepare(`SELECT EXISTS (SELECT 1 FROM passkeys WHERE person_id = ?) AS passkey, EXISTS (SELECT 1 FROM authenticators WHERE person_id = ?) AS totp,
    EXISTS (SELECT 1 FROM recovery_codes WHERE person_id = ?) AS recovery_code`).get(personId, personId, personId)
  // SQLite says 1, PostgreSQL true.
  const has = (name: string): boolean => Boolean(row?.[name])
  const main: SecondFactor[] = [...has('passkey') ? ['passkey' as const] : [], ...has('totp') ? ['totp' as const] : []]
  return main.length === 0 ? [] : has('recovery_code') ? [...main, 'recoveryCode'] : main
}
