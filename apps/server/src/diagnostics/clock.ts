import type { Finding } from '@oncekey/protocol/schemas'
import { sql as raw } from 'kysely'
import { find } from './finding.ts'
import type { Patient } from './patient.ts'

/** Rows are written by other machines, too, and a second or so lies between. */
const APART_MS = 5_000

/** Whether the clock can be right, by what this machine and its database know: no other server is asked. */
export async function lookAtClock ({ config, read, now, installedAt }: Patient): Promise<Finding[]> {
  const found: Finding[] = []
  if (now < installedAt - 86_400_000) found.push(find('clock.implausible', { now: new Date(now).toISOString() }))
  const known = await read(async (sql) => ({
    last: (await sql.selectFrom('audit').select('time').orderBy('seq', 'desc').limit(1).executeTakeFirst())?.time ?? 0,
    theirs: config.databaseUrl === null ? null : Number((await raw<{ ms: string }>`SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms`.execute(sql)).rows[0]?.ms)
  // Without a database there is nothing to compare with; that it is away is a finding of its own.
  })).catch(() => ({ last: 0, theirs: null }))
  if (known.last - now > APART_MS) found.push(find('clock.behind', { seconds: Math.round((known.last - now) / 1000) }))
  if (known.theirs !== null && Math.abs(known.theirs - now) > APART_MS) found.push(find('clock.apart', { seconds: Math.round(Math.abs(known.theirs - now) / 1000) }))
  return found.length > 0 ? found : [find('clock.ok')]
}
