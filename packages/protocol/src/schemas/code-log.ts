import { Type, type Static } from 'typebox'
import { ChallengePurpose } from './accounts.ts'
import { Moment, NullableMoment, words } from './common.ts'

/** `held`: it was not to leave, e.g. because the person was suspended. `fault`: a word like ETIMEDOUT of a failed one. */
const LogDelivery = Type.Object({ channel: Type.String(), to: Type.String({ description: 'masked' }), state: words('waiting', 'sent', 'failed', 'held'), at: NullableMoment, fault: Type.Union([Type.String(), Type.Null()]) })

/**
 * A code that was made for a person: one for a door or compartment, or one that proved their mailbox. What became of it and of
 * each message that carried it; never digits.
 */
export const LoggedCode = Type.Object({
  id: Type.String({ description: 'of this row; no name of a code that works' }), createdAt: Moment, expiresAt: Moment, endedAt: NullableMoment, deliveries: Type.Array(LogDelivery),
  door: Type.Union([Type.Object({
    accessPointName: Type.String(), place: Type.String(), issuedBy: Type.String(), openedAt: NullableMoment,
    offline: Type.Boolean({ description: 'its door checks it without a network' }), state: words('issued', 'used', 'expired', 'revoked', 'superseded')
  }), Type.Null()]),
  mailed: Type.Union([Type.Object({ purpose: ChallengePurpose, state: words('pending', 'approved', 'blocked', 'expired'), wrongTries: Type.Integer({ minimum: 0 }) }), Type.Null()])
})
export type LoggedCode = Static<typeof LoggedCode>

/** GET /api/v1/people/{id}/code-log, newest first. `next`: what to send as `after`. */
export const CodeLogQuery = Type.Object({ after: Type.Optional(Type.String({ minLength: 1, maxLength: 400 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })) })
export const CodeLog = Type.Object({ codes: Type.Array(LoggedCode), next: Type.Union([Type.String(), Type.Null()]) })
export type CodeLog = Static<typeof CodeLog>
