import { Type, type Static } from 'typebox'
import { auditEvents, reasons, type AuditEventName, type Reason } from '../audit-events.ts'
import { Email, Id, Moment, words } from './common.ts'
import { AccessPointState } from './places.ts'

const eventNames: AuditEventName[] = Object.keys(auditEvents).filter((name): name is AuditEventName => name in auditEvents)

/** One row of the record. Names are those of the moment it was written. */
export const AuditRow = Type.Object({
  seq: Type.Integer({ minimum: 1 }), time: Moment, event: words(...eventNames), severity: words('info', 'notice', 'alarm'),
  actor: Type.Union([Type.Object({ id: Type.Union([Id, Type.Null()]), name: Type.String() }), Type.Null()]),
  subject: Type.Union([Type.Object({ id: Type.Union([Id, Type.Null()]), name: Type.String() }), Type.Null()], { description: 'the person it is about' }),
  accessPoint: Type.Union([Type.Object({ id: Id, name: Type.String() }), Type.Null()]),
  controller: Type.Union([Type.Object({ id: Id, name: Type.String() }), Type.Null()]),
  reason: Type.Union([words<Reason>(...reasons), Type.Null()]),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]))
})
export type AuditRow = Static<typeof AuditRow>

/** GET /api/v1/audit, newest first; `before` = seq of the last row of the page before. */
export const AuditQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 1 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  event: Type.Optional(Type.String({ maxLength: 64 })), personId: Type.Optional(Id), accessPointId: Type.Optional(Id),
  severity: Type.Optional(words('info', 'notice', 'alarm'))
})
export type AuditQuery = Static<typeof AuditQuery>
export const AuditPage = Type.Object({ rows: Type.Array(AuditRow), next: Type.Union([Type.Integer(), Type.Null()]) })
export type AuditPage = Static<typeof AuditPage>

/** GET /api/v1/audit/chain: walks the chain (in a worker) and says how far it holds. */
export const ChainState = Type.Object({
  intact: Type.Boolean(), rows: Type.Integer(), erased: Type.Integer({ description: 'rows whose content was erased; their place in the chain holds' }), checkedAt: Moment,
  checkpoints: Type.Integer({ description: 'signed checkpoints that fit' }),
  lastCheckpoint: Type.Union([Type.Object({ seq: Type.Integer(), time: Moment }), Type.Null()]),
  fault: Type.Union([Type.Object({ seq: Type.Integer(), what: Type.String() }), Type.Null()])
})
export type ChainState = Static<typeof ChainState>

/** GET /api/v1/audit/export: one file of lines of JSON, see docs/audit.md; rows `from` to `to`, all of them unless told otherwise. */
export const AuditExportQuery = Type.Object({ from: Type.Optional(Type.Integer({ minimum: 1 })), to: Type.Optional(Type.Integer({ minimum: 1 })) })
export type AuditExportQuery = Static<typeof AuditExportQuery>

/** GET /api/v1/audit/witness: who keeps the record's checkpoints elsewhere, and how far. */
export const WitnessState = Type.Object({
  publicKey: Type.String({ description: 'Ed25519, 32 bytes in base64url: what checks every checkpoint and export' }),
  lastCheckpoint: Type.Union([Type.Object({ seq: Type.Integer(), time: Moment }), Type.Null()]),
  /** What stops checkpoints: the record does not hold any more. */
  broken: Type.Union([Type.String(), Type.Null()]),
  file: Type.Union([Type.Object({ path: Type.String(), seq: Type.Integer(), fault: Type.Union([Type.String(), Type.Null()]) }), Type.Null()]),
  mail: Type.Union([Type.Object({ address: Type.String(), seq: Type.Integer(), sentAt: Type.Union([Moment, Type.Null()]) }), Type.Null()]),
  canMail: Type.Boolean()
})
export type WitnessState = Static<typeof WitnessState>

/** PATCH /api/v1/audit/witness: the address that gets checkpoints by mail; null ends it. */
export const WitnessChange = Type.Object({ mail: Type.Union([Email, Type.Null()]) }, { additionalProperties: false })
export type WitnessChange = Static<typeof WitnessChange>

/** GET /api/v1/live: the operator's numbers and every access point's state. */
export const Live = Type.Object({
  states: Type.Array(AccessPointState), openNow: Type.Integer(), offline: Type.Integer(), alarms: Type.Integer(), openingsToday: Type.Integer()
})
export type Live = Static<typeof Live>

/**
 * What GET /api/v1/feed sends as server-sent events; `id` is the audit seq, so Last-Event-ID resumes.
 * Operators get everything, members what concerns their own access and codes.
 */
export type FeedEvent =
  | { kind: 'audit', row: AuditRow }
  | { kind: 'state', state: AccessPointState }
  | { kind: 'code', codeId: string, change: 'issued' | 'used' | 'opened' | 'refused' | 'expired' | 'revoked' | 'superseded' | 'delivered' | 'deliveryFailed', at: number }
  | { kind: 'inbox' }
  /** What waits at a door for the reader's yes has changed. */
  | { kind: 'asked' }
  | { kind: 'update', rolloutId: string }

/** GET /health */
export const Health = Type.Object({
  status: words('ok', 'degraded', 'failing'), version: Type.String(), uptimeSeconds: Type.Integer(),
  checks: Type.Array(Type.Object({ name: Type.String(), status: words('ok', 'degraded', 'failing'), says: Type.String() }))
})
export type HealthReport = Static<typeof Health>
