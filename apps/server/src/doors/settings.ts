import type { Settings } from '@oncekey/protocol/messages'
import { limitsOf } from '../access/reader.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

/** What a controller is told: which of its locks `#` and `*` are for, and how long a code is that it may make itself. */
export async function doorModeSettings (trx: Trx, house: House, controllerId: string): Promise<Settings['doorMode']> {
  const row = await trx.prepare('SELECT lock, door_mode, door_makes FROM access_points WHERE controller_id = ? AND door_mode IS NOT NULL AND removed_at IS NULL').get(controllerId)
  if (row === undefined) return undefined
  const isMaking = row['door_makes'] === 1 && row['door_mode'] === 'mail'
  return { lock: Number(row['lock']), makes: isMaking ? (await limitsOf(trx, controllerId, house.leastDigits)).digits : 0 }
}
