import { Type, type Static } from 'typebox'
import { Moment, NullableMoment } from './common.ts'

const BackupId = Type.String({ pattern: '^oncekey-\\d{4}-\\d\\d-\\d\\dT\\d{6}Z(-scheduled)?$', maxLength: 64, description: 'the name of its file, without .backup' })
const Passphrase = Type.String({ minLength: 8, maxLength: 200, pattern: '^[^\\r\\n]*$', description: 'best five words by chance' })

export const BackupParams = Type.Object({ id: BackupId })

/** A backup in the folder of backups. */
export const BackupRow = Type.Object({ id: BackupId, bytes: Type.Integer(), madeAt: Moment, scheduled: Type.Boolean(), encrypted: Type.Boolean() })
export type BackupRow = Static<typeof BackupRow>

/** When backups are made by themselves. */
export const BackupSchedule = Type.Object({
  everyHours: Type.Integer({ minimum: 0, maximum: 720, description: '0: never' }),
  keep: Type.Integer({ minimum: 1, maximum: 365, description: 'of those that were made by themselves; older ones are removed when a new one is whole' })
})
export type BackupSchedule = Static<typeof BackupSchedule>

/** PATCH /api/v1/backups/schedule. `passphrase`: of the next ones, null for none; absent, it stays. */
export const BackupScheduleForm = Type.Object({ ...BackupSchedule.properties, passphrase: Type.Optional(Type.Union([Passphrase, Type.Null()])) })
export type BackupScheduleForm = Static<typeof BackupScheduleForm>

/** POST /api/v1/backups: one now. Without a passphrase everybody who has the file can read it. */
export const BackupForm = Type.Object({ passphrase: Type.Optional(Passphrase) })
export type BackupForm = Static<typeof BackupForm>

/** GET /api/v1/backups */
export const BackupsAnswer = Type.Object({
  folder: Type.String(), backups: Type.Array(BackupRow, { description: 'the newest first' }),
  schedule: Type.Object({ ...BackupSchedule.properties, encrypted: Type.Boolean(), nextAt: NullableMoment }),
  running: Type.Union([Type.Object({ startedAt: Moment, rows: Type.Integer(), of: Type.Integer({ description: '0: not known yet' }) }), Type.Null()]),
  last: Type.Union([Type.Object({ at: Moment, fault: Type.Union([Type.String(), Type.Null()], { description: 'why it failed; null: it did not' }) }), Type.Null()])
})
export type BackupsAnswer = Static<typeof BackupsAnswer>
