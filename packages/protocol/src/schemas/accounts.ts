import { Type, type Static } from 'typebox'
import { Email, Moment, Name, Password, words } from './common.ts'

/** What a code that proves a mailbox is for. `email`: the new address of somebody who is signed in. */
export const ChallengePurpose = words('register', 'signIn', 'recover', 'email')
export type ChallengePurpose = Static<typeof ChallengePurpose>

/** Latin letters, so that no two names look alike; upper and lower case are the same. Never an address: it has no @. */
export const Username = Type.String({ minLength: 3, maxLength: 32, pattern: '^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$', description: '3 to 32 of a-z, 0-9, and single . _ - between them' })

/** Who may register: everybody, those with an address in one of `domains`, those who were invited, nobody. */
export const RegistrationPolicy = Type.Object({
  who: words('everybody', 'domains', 'invited', 'nobody'),
  domains: Type.Array(Type.String({ minLength: 3, maxLength: 190, pattern: '^[^@\\s,;:]+\\.[^@\\s,;:]+$' }), { maxItems: 50, description: 'mail domains, for `domains`' })
})
export type RegistrationPolicy = Static<typeof RegistrationPolicy>

/** POST /api/v1/registrations */
export const RegistrationForm = Type.Object({ username: Username, name: Type.Optional(Name), email: Email, password: Password })
export type RegistrationForm = Static<typeof RegistrationForm>

/** POST /api/v1/sign-in-codes, POST /api/v1/recoveries. `login`: e-mail address or user name. */
export const LoginForm = Type.Object({ login: Type.String({ minLength: 1, maxLength: 254, pattern: '\\S' }) })
export type LoginForm = Static<typeof LoginForm>

/** A challenge's secret name: whoever has it may answer, so it stays in the page that asked. */
const Challenge = Type.String({ minLength: 20, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' })

/** GET /api/v1/captcha */
export const Captcha = Type.Object({
  salt: Type.String(), target: Type.String({ description: 'SHA-256, in hexadecimal, of salt + "." + the number that is looked for' }),
  most: Type.Integer({ description: 'the number is a whole one from 0 to below this' }),
  token: Type.String({ description: 'number + "." + token is the solution, for the header oncekey-captcha; good for five minutes, once' })
})
export type Captcha = Static<typeof Captcha>

/** The same whether or not somebody has that name or address. */
export const ChallengeStarted = Type.Object({
  challenge: Challenge, digits: Type.Integer({ description: 'how many the code has' }),
  sentAt: Type.Integer({ minimum: 0, description: 'now, by the clock that the other moments are told by' }), expiresAt: Moment,
  mayResendAt: Type.Integer({ minimum: 0, description: 'when another code may be asked for' })
})
export type ChallengeStarted = Static<typeof ChallengeStarted>

/** POST /api/v1/challenges/resend */
export const ChallengeResend = Type.Object({ challenge: Challenge })

const Code = Type.String({ minLength: 1, maxLength: 32, description: 'as it was typed; blanks do not count' })
/** POST /api/v1/sessions/by-code */
export const MailedCode = Type.Object({ challenge: Challenge, code: Code, remember: Type.Optional(Type.Boolean({ description: 'remember this browser, as in POST /api/v1/sessions' })) })
export type MailedCode = Static<typeof MailedCode>
/** POST /api/v1/registrations/confirm. `username`: another one than in the form, because that was taken. */
export const ConfirmForm = Type.Object({ challenge: Challenge, code: Code, username: Type.Optional(Username) })
export type ConfirmForm = Static<typeof ConfirmForm>
/** POST /api/v1/recoveries/confirm */
export const RecoveryForm = Type.Object({ challenge: Challenge, code: Code, password: Password })
export type RecoveryForm = Static<typeof RecoveryForm>

const SessionId = Type.String({ pattern: '^[0-9a-f]{32}$' })
/** A row of GET /api/v1/me/sessions. `agent`: what the browser says it is, as it came. */
export const MySession = Type.Object({ id: SessionId, isCurrent: Type.Boolean(), startedAt: Moment, lastSeenAt: Moment, address: Type.String(), agent: Type.String() })
export type MySession = Static<typeof MySession>
export const MySessions = Type.Object({ sessions: Type.Array(MySession) })
export type MySessions = Static<typeof MySessions>
export const MySessionParams = Type.Object({ id: SessionId })

/** POST /api/v1/me/password. `current`: absent for whoever has none yet; they prove who they are in another way. */
export const PasswordChange = Type.Object({ current: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })), password: Password })
export type PasswordChange = Static<typeof PasswordChange>
/** How many other sessions ended. */
export const SessionsEnded = Type.Object({ sessions: Type.Integer({ minimum: 0 }) })
export type SessionsEnded = Static<typeof SessionsEnded>
