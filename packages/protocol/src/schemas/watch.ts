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

/** Which rows: all that is given has to be so. `to`: the first moment that is not asked for any more. */
const auditFilter = {
  event: Type.Optional(Type.String({ maxLength: 1000, pattern: '^[A-Za-z.]+(,[A-Za-z.]+){0,23}$', description: 'kinds of events, with commas between them: one of them' })),
  personId: Type.Optional(Id), accessPointId: Type.Optional(Id),
  severity: Type.Optional(words('info', 'notice', 'alarm')), reason: Type.Optional(words<Reason>(...reasons)),
  from: Type.Optional(Moment), to: Type.Optional(Moment),
  text: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'what people and access points are called now, and words for reasons; not what rows say' }))
}

/** GET /api/v1/audit, newest first. `before`: `next` of the newer page; `after`: `previous` of the older one; one of them at most. */
export const AuditQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 1 })), after: Type.Optional(Type.Integer({ minimum: 0 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), ...auditFilter
})
export type AuditQuery = Static<typeof AuditQuery>

/**
 * A page may hold fewer rows than asked for, or none, while `next` says where to go on: a request looks at some thousand rows at
 * most. `previous` is null where nothing newer was left out.
 */
export const AuditPage = Type.Object({
  rows: Type.Array(AuditRow), next: Type.Union([Type.Integer(), Type.Null()]), previous: Type.Union([Type.Integer(), Type.Null()]),
  means: Type.Optional(Type.Object({
    people: Type.Array(Type.Object({ id: Id, name: Type.String() })), accessPoints: Type.Array(Type.Object({ id: Id, name: Type.String() })), reasons: Type.Array(words<Reason>(...reasons)),
    hasMore: Type.Boolean({ description: 'more people or access points are called so: their rows are not among these' })
  }, { description: 'what the text stands for' }))
})
export type AuditPage = Static<typeof AuditPage>

/** GET /api/v1/audit/chain: walks the chain (in a worker) and says how far it holds. */
export const ChainState = Type.Object({
  intact: Type.Boolean(), rows: Type.Integer(), erased: Type.Integer({ description: 'rows whose content was erased; their place in the chain holds' }), checkedAt: Moment,
  checkpoints: Type.Integer({ description: 'signed checkpoints that fit' }),
  lastCheckpoint: Type.Union([Type.Object({ seq: Type.Integer(), time: Moment }), Type.Null()]),
  fault: Type.Union([Type.Object({ seq: Type.Integer(), what: Type.String() }), Type.Null()])
})
export type ChainState = Static<typeof ChainState>

/** GET /api/v1/audit/chain/progress: how far the walk is that is under way on this server; null: none is. */
export const ChainProgress = Type.Object({ walk: Type.Union([Type.Object({ rows: Type.Integer(), of: Type.Integer() }), Type.Null()]) })
export type ChainProgress = Static<typeof ChainProgress>

/** The name that a page gives a file, to hear how far it is. */
const ticket = Type.Optional(Type.String({ format: 'uuid' }))

/** GET /api/v1/audit/export: one file of lines of JSON, see docs/audit.md; rows `from` to `to`, all of them unless told otherwise. */
export const AuditExportQuery = Type.Object({ from: Type.Optional(Type.Integer({ minimum: 1 })), to: Type.Optional(Type.Integer({ minimum: 1 })), ticket })
export type AuditExportQuery = Static<typeof AuditExportQuery>

/** GET /api/v1/audit/export/rows: what a search finds, as a file. */
export const AuditRowsQuery = Type.Object({ format: words('csv', 'json'), ticket, ...auditFilter })
export type AuditRowsQuery = Static<typeof AuditRowsQuery>

/** GET /api/v1/audit/exports: one's own files under way and those that ended lately. `share`: 0 to 1; `ended`: whole, or cut off. DELETE with a ticket as id cuts one off. */
export const AuditExports = Type.Object({
  exports: Type.Array(Type.Object({ ticket: Type.String(), rows: Type.Integer(), share: Type.Number(), ended: Type.Union([words('whole', 'cut'), Type.Null()]) }))
})
export type AuditExports = Static<typeof AuditExports>

/** GET /api/v1/audit/witness: who keeps the record's checkpoints elsewhere, and how far. */
export const WitnessState = Type.Object({
  publicKey: Type.String({ description: 'Ed25519, 32 bytes in base64url: what checks every checkpoint and export' }),
  lastCheckpoint: Type.Union([Type.Object({ seq: Type.Integer(), time: Moment }), Type.Null()]),
  /** What stops checkpoints: the record does not hold any more. */
  broken: Type.Union([Type.String(), Type.Null()]),
  file: Type.Union([Type.Object({ path: Type.String(), seq: Type.Integer(), fault: Type.Union([Type.String(), Type.Null()]) }), Type.Null()]),
  mail: Type.Union([Type.Object({ address: Type.String(), seq: Type.Integer(), sentAt: Type.Union([Moment, Type.Null()]) }), Type.Null()]),
  canMail: Type.Boolean(),
  checkpoints: Type.Array(Type.Object({ seq: Type.Integer(), time: Moment }), { description: 'the newest ten, the newest first' })
})
export type WitnessState = Static<typeof WitnessState>

/** PATCH /api/v1/audit/witness: the address that gets checkpoints by mail; null ends it. */
export const WitnessChange = Type.Object({ mail: Type.Union([Email, Type.Null()]) }, { additionalProperties: false })
export type WitnessChange = Static<typeof WitnessChange>

/** GET /api/v1/live: the operator's numbers and every access point's state; without `states` those of the record alone. */
export const LiveQuery = Type.Object({ states: Type.Optional(Type.Boolean({ description: 'false: no states, and nothing that is counted from them' })) })
export type LiveQuery = Static<typeof LiveQuery>
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
  | { kind: 'picture', accessPointId: string }
  /** What waits at a door for the reader's yes has changed. */
  | { kind: 'asked' }
  | { kind: 'update', rolloutId: string }
  /** How far the orders that stand got has changed. */
  | { kind: 'orders' }

/** GET /health */
export const Health = Type.Object({
  status: words('ok', 'degraded', 'failing'), version: Type.String(), uptimeSeconds: Type.Integer(),
  checks: Type.Array(Type.Object({ name: Type.String(), status: words('ok', 'degraded', 'failing'), says: Type.String() }))
})
export type HealthReport = Static<typeof Health>
