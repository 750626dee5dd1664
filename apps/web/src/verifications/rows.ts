/** What happens to the rows of the list. Pure. */
import type { AuditRow, LoggedVerification, VerificationsAnswer, VerificationStatus } from '@oncekey/protocol/schemas'

/** The newest page over the rows that are there. `isWhole`: nothing of the older ones is left. */
export function merged (before: readonly LoggedVerification[], { verifications, next }: VerificationsAnswer): { rows: readonly LoggedVerification[], isWhole: boolean } {
  const known = new Map(before.map(each => [each.id, each]))
  const newest = verifications.map(each => {
    const old = known.get(each.id)
    return old !== undefined && JSON.stringify(old) === JSON.stringify(each) ? old : each
  })
  const older = next === null ? [] : before.filter(each => each.id < next)
  return { rows: [...newest, ...older], isWhole: older.length === 0 }
}

const ends: Partial<Record<AuditRow['event'], VerificationStatus>> = {
  'verification.approved': 'approved', 'verification.blocked': 'blocked', 'verification.cancelled': 'cancelled', 'verification.expired': 'expired'
}

/** What the record says of one of them: how it ended, or how its newest message stands. Rows that no longer fit the filter go. */
export function withEvent (rows: readonly LoggedVerification[], { event, time, details }: AuditRow, { status }: { status: VerificationStatus | '' }): readonly LoggedVerification[] {
  const id = details['verificationId']
  const end = ends[event]
  if (end === undefined || !rows.some(each => each.id === id && each.status === 'pending')) return rows
  return rows.map(each => each.id === id ? { ...each, status: end, endedAt: time } : each).filter(each => status === '' || each.status === status)
}
