import { Type, type Static } from 'typebox'
import { Username } from './accounts.ts'
import { Email, Language, Name } from './common.ts'
import { Me } from './people.ts'
import { AuditPage } from './watch.ts'

/** PATCH /api/v1/me */
export const MyChange = Type.Object({ name: Type.Optional(Name), username: Type.Optional(Username), language: Type.Optional(Language) }, { minProperties: 1, additionalProperties: false })
export type MyChange = Static<typeof MyChange>

/** POST /api/v1/me/email: the address to be; a code is mailed there. */
export const AddressForm = Type.Object({ email: Email })
export type AddressForm = Static<typeof AddressForm>

/** POST /api/v1/me/email/confirm, by `MailedCode`. Wrong, expired, used and unknown read the same. */
export const AddressVerdict = Type.Union([
  Type.Object({ granted: Type.Literal(true), me: Me }),
  Type.Object({ granted: Type.Literal(false), triesLeft: Type.Integer({ minimum: 0 }) })
])
export type AddressVerdict = Static<typeof AddressVerdict>

/** GET /api/v1/me/history. `before`: `next` of the page before. */
export const MyHistoryQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 1 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }))
})
export type MyHistoryQuery = Static<typeof MyHistoryQuery>
/** Rows as in the record. Members hear neither who else it was (an `id` of null: somebody who works here) nor why a code was refused. */
export const MyHistory = Type.Pick(AuditPage, ['rows', 'next'])
export type MyHistory = Static<typeof MyHistory>
