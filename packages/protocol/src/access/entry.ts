import type { Reason } from '../audit-events.ts'
import { accessChecks, checksOfWay, outcomes, type AccessCheck, type AccessDecision, type AccessWay, type CheckOutcome } from './decide.ts'

/** Of an entry at a keypad: first whether there is a code at all, last its own time. Between them what `decideAccess` looks at. */
function checksOfEntry (way: AccessWay): AccessCheck[] {
  return ['keypad', 'code', 'unspent', 'lock', ...checksOfWay[way], 'time']
}

/** What the engine says of a code, as a check; null: it has not said no for a reason of its own. */
const engineChecks: Readonly<Record<Reason, AccessCheck | null>> = {
  lockedOut: 'keypad', rateLimited: 'keypad', wrong: 'code', alreadyUsed: 'unspent', revoked: 'unspent', superseded: 'unspent',
  expired: 'time', outsideWindow: 'time', disabled: null, lowBattery: 'battery'
}

/**
 * Why an entry was refused. A code ends with the hours of its grant, so one that has expired is asked first whether those
 * are over.
 * @param reason the engine's, or what `permit` told it
 * @param access the decision on the code's person, access point and grant; null when nobody's code was typed
 * @param isOtherLock another lock was chosen than the code's
 */
export function whyRefused (reason: Reason, access: AccessDecision | null, isOtherLock: boolean): AccessCheck | null {
  const own = engineChecks[reason]
  if (own !== null && own !== 'time') return own
  if (isOtherLock) return 'lock'
  return access?.because ?? own
}

/** As it goes into the row of a refusal: what passed, in order, and what failed. No digits, nothing about other codes. */
export function refusalDetails (because: AccessCheck | null, way: AccessWay): { because: AccessCheck, passed: string } | Record<string, never> {
  if (because === null) return {}
  return { because, passed: outcomes(checksOfEntry(way), because).filter((one) => one.outcome === 'passed').map((one) => one.check).join(' ') }
}

/**
 * The ordered checks of a refusal in the record, as they were then. Of a row from before they were written down: as far as its
 * reason tells; null when it does not tell.
 */
export function checksOfRefusal ({ reason, details }: { reason: Reason | null, details: Readonly<Record<string, unknown>> }): CheckOutcome[] | null {
  const because = accessChecks.find((one) => one === details['because']) ?? (reason === null ? null : engineChecks[reason])
  if (because === null) return null
  const { passed } = details
  const listed = checksOfEntry(grantIsAsked(details) ? 'entry' : 'handed')
  if (typeof passed !== 'string') return outcomes(listed.includes(because) ? listed : [because], because)
  const before = passed.split(' ').flatMap((word) => accessChecks.find((one) => one === word) ?? [])
  return [
    ...before.map((check): CheckOutcome => ({ check, outcome: 'passed' })), { check: because, outcome: 'failed' },
    ...listed.filter((check) => check !== because && !before.includes(check)).map((check): CheckOutcome => ({ check, outcome: 'notReached' }))
  ]
}

/** Whether the code of a refusal, if there was one, hangs on a grant. */
function grantIsAsked ({ grantId, codeId, pinId }: Readonly<Record<string, unknown>>): boolean {
  return grantId !== undefined || (codeId === undefined && pinId === undefined)
}
