import { Type, type Static } from 'typebox'
import { leastDays, mostDays, retentionKinds, type RetentionKind } from '../retention.ts'
import { Moment, words } from './common.ts'

/** How many days the contents of a kind are kept; null: as long as the record is. */
export const KeptDays = Type.Union([Type.Integer({ minimum: leastDays, maximum: mostDays }), Type.Null()])
const Kind = words<RetentionKind>(...retentionKinds)

/**
 * GET /api/v1/audit/retention. `days`: what was decided; where it is shorter than what was before, `before` holds until `from`.
 * `last`: the newest run that found something, and how many rows it erased so far.
 */
export const RetentionState = Type.Object({
  kinds: Type.Array(Type.Object({
    kind: Kind, days: KeptDays, before: KeptDays, from: Moment,
    last: Type.Union([Type.Object({ startedAt: Moment, endedAt: Type.Union([Moment, Type.Null()]), rows: Type.Integer() }), Type.Null()])
  })),
  /** The clock went ahead by more than a week, so nothing is erased until then; null: nothing waits. */
  waitsUntil: Type.Union([Moment, Type.Null()])
})
export type RetentionState = Static<typeof RetentionState>

/** GET /api/v1/audit/retention/preview: what would be erased, and from when on. `hasMore`: nobody counted further. */
export const RetentionQuery = Type.Object({ kind: Kind, days: Type.Integer({ minimum: leastDays, maximum: mostDays }) })
export type RetentionQuery = Static<typeof RetentionQuery>
export const RetentionPreview = Type.Object({ rows: Type.Integer(), hasMore: Type.Boolean(), from: Moment })
export type RetentionPreview = Static<typeof RetentionPreview>

/** PATCH /api/v1/audit/retention. `before`: the days that whoever changes it has seen. */
export const RetentionChange = Type.Object({ kind: Kind, days: KeptDays, before: KeptDays }, { additionalProperties: false })
export type RetentionChange = Static<typeof RetentionChange>
