import { Type, type Static } from 'typebox'
import { Email, Id, Language, Moment, Name, NameBefore, NullableMoment, Password, Role, words } from './common.ts'
import { SignInProvider } from './providers.ts'

/** POST /api/v1/setup: the one form of the first run. `token` comes from the link in the log. */
export const SetupForm = Type.Object({
  token: Type.String({ maxLength: 64 }),
  name: Name,
  email: Email,
  password: Password,
  siteName: Name,
  timeZone: Type.String({ minLength: 1, maxLength: 64, description: 'IANA time zone, e.g. Europe/Lisbon' }),
  demonstration: Type.Boolean({ description: 'also make a bank of 12 compartments and a door without hardware' })
})
export type SetupForm = Static<typeof SetupForm>

/** POST /api/v1/sessions. `login`: e-mail address or user name. The answer sets the session cookie. */
export const SignInForm = Type.Object({
  login: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ minLength: 1, maxLength: 128 }),
  remember: Type.Optional(Type.Boolean({ description: 'remember this browser for 30 days: no second factor is asked there, and the session outlives the browser' }))
})
export type SignInForm = Static<typeof SignInForm>

/** GET /api/v1/me, and the answer to setting up and signing in. */
export const Me = Type.Object({
  id: Id, name: Type.String(), email: Type.String(), username: Type.Union([Type.String(), Type.Null()]), role: Role,
  language: Type.Union([Language, Type.Null()], { description: 'what one is written to in; null: nothing was chosen yet' }),
  site: Type.Object({ id: Id, name: Type.String(), timeZone: Type.String(), demonstration: Type.Boolean(), mailWorks: Type.Boolean() })
})
export type Me = Static<typeof Me>

/** GET /api/v1/setup: what a page has to know first, in one question. `me`: null while nobody is signed in; `provider`: who else signs people in here. */
export const SetupState = Type.Object({ needed: Type.Boolean(), version: Type.String(), me: Type.Union([Me, Type.Null()]), provider: Type.Union([SignInProvider, Type.Null()]) })
export type SetupState = Static<typeof SetupState>

export const PersonState = words('active', 'invited', 'suspended')
export type PersonState = Static<typeof PersonState>

/** GET /api/v1/people/{id}, and a row of GET /api/v1/people. */
export const Person = Type.Object({
  id: Id, name: Type.String(), email: Type.String(), username: Type.Union([Type.String(), Type.Null()]), role: Role, state: PersonState,
  grants: Type.Integer({ description: 'access points they may open now' }),
  liveCodes: Type.Integer(), sessions: Type.Integer(),
  lastSeen: NullableMoment, createdAt: Moment
})
export type Person = Static<typeof Person>
/** `next`: what to send as `after` for the next page; null on the last one. A page may be shorter than asked for and have a next one. */
export const PeopleAnswer = Type.Object({ people: Type.Array(Person), next: Type.Union([Type.String(), Type.Null()]) })
export type PeopleAnswer = Static<typeof PeopleAnswer>
/** GET /api/v1/people: without `q` in order of name, with it in order of the words found. */
export const PeopleQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 100, description: 'beginnings of words of the name, the e-mail address or the user name; each has to be found' })),
  role: Type.Optional(Role), state: Type.Optional(PersonState),
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 2048, description: '`next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 }))
})
export type PeopleQuery = Static<typeof PeopleQuery>

/** POST /api/v1/people. Without a password the person is sent a link to set one; the link is also in the answer, once. */
export const PersonForm = Type.Object({ name: Name, email: Email, role: Role, password: Type.Optional(Password) })
export type PersonForm = Static<typeof PersonForm>
export const PersonAdded = Type.Object({ person: Person, invitation: Type.Union([Type.String(), Type.Null()], { description: 'path of the link, shown once' }) })
export type PersonAdded = Static<typeof PersonAdded>

/** PATCH /api/v1/people/{id} */
export const PersonChange = Type.Object({
  name: Type.Optional(Name), email: Type.Optional(Email), role: Type.Optional(Role), suspended: Type.Optional(Type.Boolean()),
  nameBefore: NameBefore,
  emailBefore: Type.Optional(Type.String({ maxLength: 254, description: 'the address that was seen: changedMeanwhile when it is another one by now' })),
  roleBefore: Type.Optional(Role)
}, { minProperties: 1 })
export type PersonChange = Static<typeof PersonChange>

/** What a change ended, so that a page can say it: answer of PATCH and DELETE. */
export const Ended = Type.Object({ sessions: Type.Integer(), grants: Type.Integer(), codes: Type.Integer() })
export type Ended = Static<typeof Ended>

/** POST /api/v1/people/{id}/reset-password */
export const PasswordReset = Type.Object({ sessions: Type.Integer({ minimum: 0, description: 'that ended' }), invitation: Type.Union([Type.String(), Type.Null()], { description: 'path of the link, shown once; null where it is mailed' }) })
export type PasswordReset = Static<typeof PasswordReset>

/** POST /api/v1/invitations/accept */
export const InvitationForm = Type.Object({ token: Type.String({ minLength: 20, maxLength: 64 }), password: Password })
export type InvitationForm = Static<typeof InvitationForm>

/** A row of GET /api/v1/me/inbox. `hasCode`: its text stays sealed until the addressee reveals it. */
export const InboxMessage = Type.Object({
  id: Id, createdAt: Moment, subject: Type.String(), text: Type.Union([Type.String(), Type.Null()], { description: 'null while a code in it is sealed' }),
  hasCode: Type.Boolean(), readAt: NullableMoment, goneAt: NullableMoment
})
export type InboxMessage = Static<typeof InboxMessage>
export const InboxAnswer = Type.Object({ messages: Type.Array(InboxMessage), mailWorks: Type.Boolean() })
export type InboxAnswer = Static<typeof InboxAnswer>
/** POST /api/v1/me/inbox/{id}/reveal */
export const Revealed = Type.Object({ text: Type.String(), code: Type.Union([Type.String(), Type.Null()]), expiresAt: NullableMoment })
export type Revealed = Static<typeof Revealed>
