import { Type, type Static } from 'typebox'
import { Id, Moment, NullableMoment, Role, words } from './common.ts'

const Count = Type.Integer({ minimum: 0 })

/** Why nothing of a file can be read. */
export const FileFault = words('empty', 'notUtf8', 'noColumns', 'columnTwice', 'broken', 'tooManyRows')
export type FileFault = Static<typeof FileFault>

/** Why a row adds nobody: one word for each cure. */
export const RowFault = words('nameMissing', 'nameWrong', 'emailMissing', 'emailWrong', 'usernameWrong', 'roleWrong', 'roleAbove', 'emailTwice', 'usernameTwice', 'usernameTaken', 'groupUnknown')
export type RowFault = Static<typeof RowFault>

/** `line`: where the row begins in the file, the first line is 1. `value`: what stands there, cut short. */
export const FaultyRow = Type.Object({ line: Count, fault: RowFault, value: Type.String(), otherLine: Type.Optional(Count) })
export type FaultyRow = Static<typeof FaultyRow>

/** POST /api/v1/people/imports/preview, text/csv: what an import of this file would do. Nothing is written. */
export const ImportPreview = Type.Object({
  fault: Type.Union([Type.Object({ what: FileFault, line: Type.Union([Count, Type.Null()]) }), Type.Null()], { description: 'of the whole file' }),
  total: Count, fresh: Count, here: Count, faulty: Count,
  faults: Type.Array(FaultyRow, { description: 'the first 200' }),
  sample: Type.Array(Type.Object({ line: Count, name: Type.String(), email: Type.String(), username: Type.Union([Type.String(), Type.Null()]), role: Role }), { description: 'the first five who are new' }),
  leftOut: Type.Array(Type.String(), { description: 'columns that are not used' })
})
export type ImportPreview = Static<typeof ImportPreview>

/** POST /api/v1/people/imports. `invite`: mail everybody who is added a link to choose a password, at the mails' own pace. */
export const ImportQuery = Type.Object({ invite: Type.Optional(Type.Boolean({ default: false })) })

/** `cut`: the server stopped meanwhile; the same file again adds who is missing. `failed`: it gave up, and says so in its log. */
export const ImportState = Type.Object({
  id: Id, state: words('running', 'done', 'failed', 'cut'), total: Count, done: Count, added: Count, here: Count, faulty: Count,
  invite: Type.Boolean(), startedBy: Type.String(), startedAt: Moment, endedAt: NullableMoment
})
export type ImportState = Static<typeof ImportState>
/** GET /api/v1/people/imports: of the last week, the newest first. */
export const ImportsAnswer = Type.Object({ imports: Type.Array(ImportState) })
export type ImportsAnswer = Static<typeof ImportsAnswer>
