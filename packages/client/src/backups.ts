import type { BackupForm, BackupsAnswer, BackupScheduleForm } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Backups, for administrators: apart from the client, so that only that page carries it. */
export function backupVerbs (call: Call, base: string) {
  const backups = 'api/v1/backups'
  const of = (id: string): string => `${backups}/${encodeURIComponent(id)}`
  return {
    get: () => call<BackupsAnswer>('GET', backups),
    /** Begins one; `get` tells how far it is. */
    make: (form: BackupForm = {}) => call<BackupsAnswer>('POST', backups, { body: form }),
    schedule: (form: BackupScheduleForm) => call<BackupsAnswer>('PATCH', backups + '/schedule', { body: form }),
    remove: (id: string) => call('DELETE', of(id)),
    /** Where its file is downloaded from, by whoever has just proven who they are. */
    address: (id: string) => base + of(id)
  }
}
