import { auditEvents, type AuditEventName } from '@oncekey/protocol/audit-events'

/** Every kind of event, by subject, in the order of the record's own table. */
export const kinds: readonly AuditEventName[] = Object.keys(auditEvents).filter((name): name is AuditEventName => name in auditEvents)
