/**
 * Everything that the record can say, in one table: past tense, never renamed, because rows outlive
 * programs. `severity` decides what an operator sees first.
 */
export const auditEvents = {
  'site.created': 'info',
  'site.changed': 'info',
  'person.added': 'info',
  'person.changed': 'info',
  'person.suspended': 'notice',
  'person.resumed': 'notice',
  'person.removed': 'notice',
  'people.imported': 'notice',
  'session.started': 'info',
  'session.refused': 'notice',
  'session.proofRefused': 'notice',
  'session.ended': 'info',
  'registration.flooded': 'alarm',
  'bank.added': 'info',
  'accessPoint.added': 'info',
  'accessPoint.changed': 'info',
  'accessPoint.removed': 'notice',
  'grant.given': 'info',
  'grant.ended': 'info',
  'code.issued': 'info',
  'code.delivered': 'info',
  'code.deliveryFailed': 'notice',
  'code.superseded': 'info',
  'code.revoked': 'info',
  'code.expired': 'info',
  'access.granted': 'info',
  'access.denied': 'notice',
  'access.notOpened': 'notice',
  'keypad.lockedOut': 'alarm',
  'keypad.cleared': 'notice',
  'lock.commanded': 'notice',
  'lock.commandFailed': 'notice',
  'lock.actuated': 'info',
  'lock.jammed': 'alarm',
  'door.changed': 'info',
  'controller.claimed': 'notice',
  'controller.removed': 'notice',
  'controller.connected': 'info',
  'controller.disconnected': 'notice',
  'controller.booted': 'info',
  'controller.forged': 'alarm',
  'controller.duplicated': 'alarm',
  'controller.recordGap': 'alarm',
  'controller.recordFork': 'alarm',
  'apiKey.made': 'notice',
  'apiKey.revoked': 'notice',
  'verification.started': 'info',
  'verification.resent': 'info',
  'verification.delivered': 'info',
  'verification.deliveryFailed': 'notice',
  'verification.approved': 'info',
  'verification.refused': 'info',
  'verification.blocked': 'notice',
  'verification.cancelled': 'info',
  'verification.expired': 'info',
  'message.failed': 'notice',
  'audit.exported': 'notice',
  'audit.witnessChanged': 'notice',
  'audit.broken': 'alarm',
  'support.asked': 'info'
} as const satisfies Record<string, Severity>

export type Severity = 'info' | 'notice' | 'alarm'
export type AuditEventName = keyof typeof auditEvents

/** Why a code was refused. Operators see it; keypads and holders never do. */
export const reasons = ['wrong', 'expired', 'alreadyUsed', 'revoked', 'superseded', 'outsideWindow', 'lockedOut', 'disabled', 'rateLimited', 'lowBattery'] as const
export type Reason = (typeof reasons)[number]
