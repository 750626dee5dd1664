import type { AuditEventName } from './audit-events.ts'

/** Groups of events whose contents are kept equally long. */
export const retentionKinds = ['openings', 'alarms', 'accounts', 'messages', 'devices', 'administration'] as const
export type RetentionKind = (typeof retentionKinds)[number]

/** Shorter than a month, and a dispute about last month's use has no record any more; longer than ten years is for ever. */
export const leastDays = 30
export const mostDays = 3650

const of = <const Events extends readonly AuditEventName[]>(...events: Events): Events => events

const events = {
  openings: of('code.issued', 'code.delivered', 'code.deliveryFailed', 'code.superseded', 'code.revoked', 'code.expired', 'access.granted', 'access.denied', 'access.notOpened', 'lock.commanded', 'lock.commandFailed', 'lock.actuated', 'door.changed',
    'door.codeRequested', 'door.codeSent', 'door.codeSentInPart', 'door.codeApproved', 'door.codeRefused', 'door.codeUnanswered', 'door.codeCancelled', 'door.codeExpired', 'keypad.cleared', 'hold.started', 'hold.ended', 'door.modeChanged'),
  alarms: of('registration.flooded', 'duress.ended', 'access.unexplained', 'camera.pictureSeen', 'keypad.lockedOut', 'lock.jammed', 'door.forced', 'door.held', 'door.alarmEnded', 'lockdown.started', 'lockdown.ended', 'evacuation.started', 'evacuation.ended', 'battery.low',
    'battery.critical', 'battery.recovered', 'alarm.acknowledged', 'alarm.snoozed', 'alarm.assigned', 'alarm.ended', 'guard.capReached'),
  accounts: of('session.started', 'session.refused', 'session.proofRefused', 'session.ended'),
  messages: of('verification.started', 'verification.resent', 'verification.sent', 'verification.delivered', 'verification.deliveryFailed', 'verification.fellBack', 'verification.approved', 'verification.refused', 'verification.blocked',
    'verification.cancelled', 'verification.expired', 'guard.blocked', 'guard.opened', 'guard.lifted', 'guard.refused', 'message.failed', 'support.asked', 'support.answered', 'support.closed', 'support.reopened', 'support.removed', 'compat.reported'),
  devices: of('controller.connected', 'controller.disconnected', 'controller.booted', 'controller.updated', 'controller.updateFailed', 'rollout.started', 'rollout.halted', 'rollout.resumed', 'rollout.ended', 'webhook.tested', 'webhook.replayed',
    'webhook.stopped', 'homeAssistant.refused', 'channel.tested', 'backup.made', 'backup.failed'),
  administration: of('site.changed', 'bank.added', 'bank.renamed', 'bank.removed', 'accessPoint.added', 'accessPoint.changed', 'accessPoint.removed', 'group.made', 'group.renamed', 'group.removed', 'holiday.added', 'holiday.removed', 'door.recipientAdded',
    'door.recipientRemoved', 'controller.changed', 'image.uploaded', 'image.removed', 'testRecipient.added', 'testRecipient.removed', 'template.changed', 'template.languageChanged', 'alarm.rulesChanged')
} satisfies Record<RetentionKind, readonly AuditEventName[]>

/**
 * What is kept as long as the record is: who had which right and who gave it, what was trusted, and what says that the record or
 * a controller's own record was touched. Whoever wants to hide something wants these gone first.
 */
const kept = of('site.created', 'person.added', 'person.changed', 'person.suspended', 'person.resumed', 'person.removed', 'people.imported', 'grant.given', 'grant.ended', 'group.joined', 'group.left', 'group.granted', 'group.grantEnded', 'pin.made', 'pin.revoked',
  'door.approverAdded', 'door.approverRemoved', 'controller.claimed', 'controller.removed', 'controller.replaced', 'controller.wiped', 'controller.forged', 'controller.duplicated', 'controller.recordGap', 'controller.recordFork', 'imageKey.trusted',
  'imageKey.removed', 'backup.taken', 'backup.removed', 'backup.scheduled', 'backup.restored', 'apiKey.made', 'apiKey.revoked', 'apiKey.rotated', 'webhook.made', 'webhook.changed', 'webhook.rotated', 'webhook.removed', 'homeAssistant.changed', 'camera.set', 'camera.removed',
  'homeAssistant.allowed', 'homeAssistant.forbidden', 'compat.switched', 'compat.tokenMade', 'compat.tokenRevoked', 'guard.changed', 'audit.exported', 'audit.rowsExported', 'audit.witnessChanged', 'audit.broken', 'audit.retentionChanged', 'audit.erased')

/** Which events a kind is of. */
export const eventsOf: Readonly<Record<RetentionKind, readonly AuditEventName[]>> = events

/** Every event has its place, or this is no type: a new one is not kept or erased by accident. */
type Placed = (typeof events)[RetentionKind][number] | (typeof kept)[number]
/** Of these contents nothing is ever erased. */
export const neverErased: readonly AuditEventName[] = kept satisfies readonly (AuditEventName extends Placed ? AuditEventName : never)[]
