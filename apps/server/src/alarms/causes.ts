import type { AlarmKind } from '@oncekey/protocol/schemas'
import type { AuditFact, Named } from '../audit/append.ts'

/** Where something is wrong: an alarm is about a controller, or about what is opened there. */
export type Place = { controller: Named, accessPoint: Named | null }

/** What a fact of the record means for alarms. `until`: when the cause ends by itself; `tellAfterMs`: how long it has to last before anybody hears of it. */
export type Effect =
  | { do: 'open', kind: AlarmKind, severity: 'notice' | 'alarm', place: Place, until: number | null, tellAfterMs: number }
  | { do: 'end', key: string }
  | { do: 'endAll', of: 'controller_id' | 'access_point_id', id: string }

/** A line that broke for a moment, or a controller that starts anew, is nothing to be told of. */
const AWAY_MS = 120_000

/** One open alarm for each. */
export function keyOf (kind: AlarmKind, { controller, accessPoint }: Place): string {
  return `${kind}:${accessPoint?.id ?? controller.id}`
}

/** The one table of what is an alarm, and of what ends one. Null: neither. */
export function effectOf (fact: AuditFact, now: number): Effect | null {
  const { controller = null, accessPoint = null, details = {} } = fact
  if (fact.event === 'accessPoint.removed' && accessPoint !== null) return { do: 'endAll', of: 'access_point_id', id: accessPoint.id }
  if (controller === null) return null
  const here: Place = { controller, accessPoint }
  const open = (kind: AlarmKind, more: { severity?: 'notice', place?: Place, until?: number, tellAfterMs?: number } = {}): Effect => ({ do: 'open', kind, severity: 'alarm', place: here, until: null, tellAfterMs: 0, ...more })
  const end = (kind: AlarmKind): Effect => ({ do: 'end', key: keyOf(kind, here) })
  switch (fact.event) {
    case 'keypad.lockedOut': return open('lockout', { until: now + Number(details['lockoutMs'] ?? 0) })
    case 'keypad.cleared': return end('lockout')
    case 'door.forced': return open('forced')
    case 'door.held': return open('held')
    case 'door.alarmEnded': return end(details['ended'] === 'forcedOpen' ? 'forced' : 'held')
    case 'lock.jammed': return open('jammed')
    case 'lock.actuated': return end('jammed')
    case 'controller.wiped': case 'controller.forged': case 'controller.duplicated': case 'access.unexplained': return open('tamper')
    case 'controller.disconnected': return open('offLine', { severity: 'notice', tellAfterMs: AWAY_MS })
    case 'controller.connected': return end('offLine')
    case 'battery.low': return open('battery', { severity: 'notice' })
    case 'battery.critical': return open('battery')
    case 'battery.recovered': return end('battery')
    case 'controller.recordGap': case 'controller.recordFork': return open('gap')
    case 'controller.removed': return { do: 'endAll', of: 'controller_id', id: controller.id }
    default: return null
  }
}
