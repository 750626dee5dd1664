import type { AuditRow, MyHistory, MyHistoryQuery, Role } from '@oncekey/protocol/schemas'
import { findAudit } from './queries.ts'
import type { House } from '../house.ts'
import { isAtLeast } from '../platform/http.ts'

/** Details that say how something was done, and those that say from where and what of oneself. Operators' reasons and the like are theirs. */
const how: readonly string[] = ['channel', 'doorState', 'mode', 'op', 'source', 'state']
const ofOneself: readonly string[] = [...how, 'address', 'by', 'email', 'emailBefore', 'name', 'nameBefore', 'password', 'proof', 'role', 'roleBefore', 'second', 'secondFactor', 'sessions', 'username', 'usernameBefore']

/**
 * A page of what the record says about somebody, for themselves: what they did and what was done to or for them, the
 * newest first. By two indexes, so it is as fast in a large record as in a small one.
 */
export async function findMyHistory (house: House, me: { id: string, role: Role }, query: MyHistoryQuery): Promise<MyHistory> {
  const { rows, next } = await findAudit(house, { ...query, personId: me.id })
  return { rows: isAtLeast(me.role, 'operator') ? rows : rows.map((row) => forMember(row, me.id)), next }
}

/**
 * As a member may hear it: that somebody who works here did it, not who; that a code was refused, not why. Operators
 * read the same rows in the record anyway.
 */
function forMember (row: AuditRow, id: string): AuditRow {
  const told = row.subject === null || row.subject.id === id ? ofOneself : how
  return { ...row, actor: withoutName(row.actor, id), subject: withoutName(row.subject, id), reason: null, details: Object.fromEntries(Object.entries(row.details).filter(([name]) => told.includes(name))) }
}

function withoutName (who: AuditRow['actor'], me: string): AuditRow['actor'] {
  return who === null || who.id === me ? who : { id: null, name: '' }
}
