import type { LockMode } from '@oncekey/protocol/messages'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { following, type Awaitable, type Trx } from '../platform/db.ts'
import { checkOfStanding } from '../access/standing.ts'
import { endDoorCode } from './ask.ts'

/** A code of a door as a verdict needs it. Whoever types it is nobody that we know. */
export type TypedDoorCode = { id: string, holder: null, accessPoint: Named, lock: number, mode: LockMode, isHeldBack: boolean, because: 'held' | 'lockdown' | null }

/** The code that was asked for at a door, by the engine's id. */
export function findDoorCode (trx: Trx, otpId: string): Awaitable<TypedDoorCode | null> {
  return following(trx.prepare(`SELECT d.id, d.mode, d.state, a.id AS point_id, a.name AS point, a.lock, a.removed_at, a.standing
    FROM door_codes d JOIN access_points a ON a.id = d.access_point_id WHERE d.otp_id = ?`).get(otpId), (row) => row === undefined ? null : {
    id: String(row['id']), holder: null, mode: row['mode'] === 'lock' ? 'lock' : 'unlock', lock: Number(row['lock']),
    accessPoint: { id: String(row['point_id']), name: String(row['point']) }, isHeldBack: row['state'] !== 'issued' || row['removed_at'] !== null || checkOfStanding(row['standing']) !== null, because: checkOfStanding(row['standing'])
  })
}

/** It was typed and granted. */
export async function useDoorCode (trx: Trx, house: House, codeId: string): Promise<void> {
  await endDoorCode(trx, house, codeId, 'used')
}
