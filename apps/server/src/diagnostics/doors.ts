import type { Finding } from '@oncekey/protocol/schemas'
import type { Kysely } from 'kysely'
import { receiversOf } from '../doors/recipients.ts'
import type { Tables } from '../platform/tables.ts'
import { find } from './finding.ts'
import type { Patient } from './patient.ts'

const WEEK_MS = 7 * 86_400_000

/** Doors at which people ask for codes that then reach nobody: without anybody on the list, or with every mail of the last code refused. */
export async function lookAtDoors ({ read, now, config }: Patient): Promise<Finding[]> {
  return read(async (sql) => {
    const doors = await sql.selectFrom('access_points').select(['id', 'name']).where('door_mode', 'in', ['mail', 'approval']).where('removed_at', 'is', null).orderBy('name').execute()
    const found: Finding[] = []
    for (const { id, name } of doors) {
      if ((await receiversOf(sql, id)).length === 0) found.push(find('door.nobody', { name }))
      else {
        // Without a mail server there is a finding of its own.
        const fault = config.smtpUrl === null ? null : await whyNobodyGotIt(sql, id, now)
        if (fault !== null) found.push(find('door.refused', { name, fault }))
      }
    }
    return found
  })
}

/** Why no mail of a door's last code was taken; null when one was, when one is still on its way, or when there was none for a week. */
async function whyNobodyGotIt (sql: Kysely<Tables>, accessPointId: string, now: number): Promise<string | null> {
  const last = await sql.selectFrom('door_codes').select('id').where('access_point_id', '=', accessPointId).where('created_at', '>', now - WEEK_MS).where('otp_id', 'is not', null)
    .orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst()
  if (last === undefined) return null
  const mails = await sql.selectFrom('outbox').select(['state', 'error']).where('challenge_id', '=', last.id).execute()
  // A mail that was still on its way when the code ended was not refused.
  return mails.every(({ state, error }) => state !== 'sent' && error !== null) ? mails.find(({ error }) => error !== 'codeEnded')?.error ?? null : null
}
