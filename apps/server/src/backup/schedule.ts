import type { BackupSchedule, BackupScheduleForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { parsed } from '../audit/format.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { LAST, PASSPHRASE, SCHEDULE } from './contents.ts'

const HOUR_MS = 3_600_000
/** After one that failed the next is tried sooner: a disk that was full may have room again. */
const AGAIN_MS = HOUR_MS
const unset: BackupSchedule = Object.freeze({ everyHours: 0, keep: 7 })
/** What the sealed passphrase is bound to. */
const BINDING = 'backup passphrase'

/** How the last one went. `fault`: why it failed, or null. */
export type LastBackup = { at: number, fault: string | null }
export type Schedule = BackupSchedule & { passphrase: string | null, last: LastBackup | null, nextAt: number | null }

/** When the next backup is due, and how the last one went. */
export async function readSchedule (sql: Trx['sql'], { seal }: Pick<House, 'seal'>): Promise<Schedule> {
  const rows = await sql.selectFrom('settings').selectAll().where('key', 'in', [SCHEDULE, PASSPHRASE, LAST]).execute()
  const value = (key: string): string | undefined => rows.find((row) => row.key === key)?.value
  const { everyHours, keep }: Record<string, unknown> = { ...unset, ...parsed(value(SCHEDULE) ?? '{}') }
  const { at, fault }: Record<string, unknown> = { ...parsed(value(LAST) ?? '{}') }
  const hours = Number(everyHours)
  const last = typeof at === 'number' ? { at, fault: typeof fault === 'string' ? fault : null } : null
  const sealed = value(PASSPHRASE)
  return {
    everyHours: hours, keep: Number(keep), passphrase: sealed === undefined ? null : seal.open(sealed, BINDING), last,
    nextAt: hours === 0 ? null : last === null ? 0 : last.at + (last.fault === null ? hours * HOUR_MS : Math.min(AGAIN_MS, hours * HOUR_MS))
  }
}

/** Sets when backups are made by themselves, and with which passphrase. */
export async function changeSchedule (trx: Trx, house: House, { everyHours, keep, passphrase }: BackupScheduleForm, actor: Named): Promise<void> {
  const put = trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
  await put.run(SCHEDULE, JSON.stringify({ everyHours, keep }))
  if (passphrase === null) await trx.prepare('DELETE FROM settings WHERE key = ?').run(PASSPHRASE)
  else if (passphrase !== undefined) await put.run(PASSPHRASE, house.seal.close(passphrase, BINDING))
  house.audit.append(trx, house.clock(), { event: 'backup.scheduled', actor: { id: actor.id, name: actor.name }, details: { everyHours, keep, passphrase: passphrase === undefined ? 'kept' : passphrase === null ? 'none' : 'new' } })
}

export async function noteLast (trx: Trx, last: LastBackup): Promise<void> {
  await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(LAST, JSON.stringify(last))
}
