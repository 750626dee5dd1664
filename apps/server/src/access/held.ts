import { decideAccess, type AccessDecision, type GrantFacts } from '@oncekey/protocol/access'
import type { LockMode } from '@oncekey/protocol/messages'
import type { EndingCode } from '../codes/end.ts'
import { isOffline } from '../codes/offline.ts'
import { datesAround, GRANT_COLUMNS, grantOf } from '../grants/facts.ts'
import { following, type Awaitable, type Row, type Trx } from '../platform/db.ts'
import { offsetIn } from '../platform/zone.ts'
import { standingFacts } from './standing.ts'

/** Somebody's code. `access`: whether they may open with it now. */
export type HeldCode = EndingCode & { lock: number, mode: LockMode, isHeldBack: boolean, access: AccessDecision, grant: GrantFacts | null }

/** One text, made once: it is what the prepared statement is found by. */
const HELD_CODE = `SELECT c.id, c.mode, c.state, c.holder_id, p.name AS holder, a.id AS point_id, a.name AS point, a.lock, a.removed_at AS gone, a.standing,
    p.suspended_at, p.removed_at, ${GRANT_COLUMNS}, s.time_zone,
    CASE WHEN g.schedule IS NULL THEN NULL ELSE (SELECT string_agg(h.date, ' ') FROM holidays h WHERE h.site_id = a.site_id AND h.date >= ? AND h.date <= ?) END AS holidays
  FROM codes c JOIN people p ON p.id = c.holder_id JOIN access_points a ON a.id = c.access_point_id LEFT JOIN grants g ON g.id = c.grant_id
  LEFT JOIN sites s ON s.id = a.site_id AND g.schedule IS NOT NULL
  WHERE c.otp_id = ?`

/**
 * Held back: its row has ended and nobody has told the engine yet, or its holder may not open with it now. One read, whatever
 * the grant asks for: the holidays that may matter come with it.
 */
export function findHeldCode (trx: Trx, now: number, otpId: string): Awaitable<HeldCode | null> {
  const { from, to } = datesAround(now)
  return following(trx.prepare(HELD_CODE).get(from, to, otpId), (row) => row === undefined ? null : heldCode(row, now, otpId))
}

function heldCode (row: Row, now: number, otpId: string): HeldCode {
  const grant = row['grant_id'] === null ? null : grantOf(row)
  const access = decideAccess(grant === null ? 'handed' : 'entry', {
    now, offsetMs: row['time_zone'] === null ? () => 0 : offsetIn(String(row['time_zone'])), holidays: row['holidays'] === null ? [] : String(row['holidays']).split(' '),
    // Those that only matter before there is a code: see checksOfWay.
    accessPoint: { isThere: row['gone'] === null, hasController: true, isConnected: true, isBatteryLow: false, ...standingFacts(row['standing']) },
    person: { isThere: row['removed_at'] === null, isSuspended: row['suspended_at'] !== null, mayCommand: false, mayOverride: false },
    // A code that its door also takes without us was counted when it was made.
    grants: grant === null ? [] : [isOffline(otpId) ? { ...grant, maxUses: null } : grant]
  })
  return {
    id: String(row['id']), mode: row['mode'] === 'lock' ? 'lock' : 'unlock', lock: Number(row['lock']),
    holder: { id: String(row['holder_id']), name: String(row['holder']) },
    accessPoint: { id: String(row['point_id']), name: String(row['point']) },
    isHeldBack: row['state'] !== 'issued' || !access.granted, access, grant
  }
}
