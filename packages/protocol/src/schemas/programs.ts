import { Type, type Static } from 'typebox'
import { Id, Moment, Why } from './common.ts'
import { AuditRow } from './watch.ts'

/** GET /api/v1/programs/record: what happened, the oldest first; ask again with `after` = the last `seq` that you have. */
export const RecordQuery = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) })
export type RecordQuery = Static<typeof RecordQuery>
export const RecordPage = Type.Object({ rows: Type.Array(AuditRow), last: Type.Integer({ description: 'seq to go on after' }), hasMore: Type.Boolean() })
export type RecordPage = Static<typeof RecordPage>

/** POST /api/v1/programs/unlocks */
export const ProgramUnlock = Type.Object({ accessPointId: Id, reason: Why }, { additionalProperties: false })
export type ProgramUnlock = Static<typeof ProgramUnlock>

/** POST /api/v1/programs/codes: for a person, who gets it by their own channel; the program never sees its digits. */
export const ProgramCode = Type.Object({ accessPointId: Id, personId: Id, validFrom: Type.Optional(Moment), expiresAt: Type.Optional(Moment) }, { additionalProperties: false })
export type ProgramCode = Static<typeof ProgramCode>
export const ProgramCodeMade = Type.Object({ codeId: Id })
export type ProgramCodeMade = Static<typeof ProgramCodeMade>
