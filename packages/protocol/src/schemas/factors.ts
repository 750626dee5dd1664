import { Type, type Static } from 'typebox'
import { Id, Moment, Name, NullableMoment, words } from './common.ts'
import { Me } from './people.ts'

/** Ways to prove who one is beside the password and a mailed code. */
export const SecondFactor = words('totp', 'passkey', 'recoveryCode')
export type SecondFactor = Static<typeof SecondFactor>

/** A ticket that we sealed: it goes back as it came. */
const Ticket = Type.String({ minLength: 20, maxLength: 2000, pattern: '^[A-Za-z0-9._-]+$' })
const base64url = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[A-Za-z0-9_-]+={0,2}$' })

/**
 * What a browser's `navigator.credentials` says (WebAuthn Level 3, 5.1: `toJSON()` of a credential). Parts that are not
 * needed here are left alone.
 */
export const PasskeyAssertion = Type.Object({
  id: base64url(1400), rawId: base64url(1400), type: Type.Literal('public-key'),
  response: Type.Object({ clientDataJSON: base64url(8000), authenticatorData: base64url(8000), signature: base64url(4000), userHandle: Type.Optional(Type.Union([base64url(200), Type.Null()])) }),
  clientExtensionResults: Type.Optional(Type.Object({})), authenticatorAttachment: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()]))
})
export const PasskeyAttestation = Type.Object({
  id: base64url(1400), rawId: base64url(1400), type: Type.Literal('public-key'),
  response: Type.Object({
    clientDataJSON: base64url(8000), attestationObject: base64url(40_000), transports: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 }))
  }),
  clientExtensionResults: Type.Optional(Type.Object({})), authenticatorAttachment: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()]))
})

/** An answer of a passkey to the options that came with `ticket`. */
export const PasskeyProof = Type.Object({ ticket: Ticket, assertion: PasskeyAssertion })
export type PasskeyProof = Static<typeof PasskeyProof>

/** Options for the browser (`PublicKeyCredentialRequestOptionsJSON`), and the ticket that goes back with its answer. Good for 5 minutes. */
export const PasskeyOptions = Type.Object({ ticket: Ticket, options: Type.Unsafe<Record<string, unknown>>(Type.Object({}, { additionalProperties: true, description: 'PublicKeyCredentialRequestOptionsJSON or PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3)' })) })
export type PasskeyOptions = Static<typeof PasskeyOptions>

/** Exactly one of them. */
export const Proof = Type.Object({
  totp: Type.Optional(Type.String({ minLength: 1, maxLength: 32, description: 'of the authenticator app, as it was typed' })),
  recoveryCode: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'as it was typed; works once' })),
  passkey: Type.Optional(PasskeyProof),
  password: Type.Optional(Type.String({ minLength: 1, maxLength: 128 }))
}, { minProperties: 1, maxProperties: 1, description: 'exactly one way' })
export type Proof = Static<typeof Proof>

const Remember = Type.Optional(Type.Boolean({ description: 'remember this browser for 30 days: no second factor is asked there, and the session outlives the browser' }))

/** What came of a sign-in: done, with the session cookie set; or a second factor is needed, with a ticket that is good for 10 minutes. */
export const SignedIn = Type.Union([
  Type.Object({ state: Type.Literal('signedIn'), me: Me }),
  Type.Object({ state: Type.Literal('secondFactor'), ticket: Type.String(), ways: Type.Array(SecondFactor), expiresAt: Moment })
])
export type SignedIn = Static<typeof SignedIn>

/** Wrong, used and unknown read the same. `triesLeft` 0: begin the sign-in anew. */
const NotProven = Type.Object({ granted: Type.Literal(false), triesLeft: Type.Integer({ minimum: 0 }) })

/** The answer to a code: a grant goes on with `signIn`. */
export const CodeVerdict = Type.Union([Type.Object({ granted: Type.Literal(true), signIn: SignedIn }), NotProven])
export type CodeVerdict = Static<typeof CodeVerdict>

/** POST /api/v1/sessions/second-factor. `remember` counts when it is true here or was at the first step. */
export const SecondFactorForm = Type.Object({ ticket: Type.String({ minLength: 20, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' }), proof: Proof, remember: Remember })
export type SecondFactorForm = Static<typeof SecondFactorForm>
/** POST /api/v1/passkeys/options. `ticket`: of a sign-in that needs a second factor; absent: a sign-in without a name. */
export const PasskeyOptionsForm = Type.Object({ ticket: Type.Optional(Type.String({ minLength: 20, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' })) })
/** POST /api/v1/sessions/by-passkey */
export const PasskeySignIn = Type.Object({ passkey: PasskeyProof, remember: Remember })
export type PasskeySignIn = Static<typeof PasskeySignIn>

/** POST /api/v1/me/proof: the session counts as proven for 15 minutes from now, and gets another cookie. */
export const ProofForm = Type.Object({ proof: Proof })
export const ProofVerdict = Type.Union([Type.Object({ granted: Type.Literal(true), provenUntil: Moment }), NotProven])
export type ProofVerdict = Static<typeof ProofVerdict>

export const Passkey = Type.Object({ id: Id, name: Type.String(), createdAt: Moment, lastUsedAt: NullableMoment, isBackedUp: Type.Boolean({ description: 'kept by a service that has it on other devices, too' }) })
export type Passkey = Static<typeof Passkey>
/** A browser that somebody signed in with before. `rememberedUntil`: no second factor is asked there until then. */
export const Browser = Type.Object({ id: Id, isCurrent: Type.Boolean(), agent: Type.String(), address: Type.String(), createdAt: Moment, lastUsedAt: Moment, rememberedUntil: NullableMoment })
export type Browser = Static<typeof Browser>

/** GET /api/v1/me/factors */
export const MyFactors = Type.Object({
  hasPassword: Type.Boolean(),
  totp: Type.Union([Type.Object({ createdAt: Moment, lastUsedAt: NullableMoment }), Type.Null()]),
  passkeys: Type.Array(Passkey),
  recoveryCodesLeft: Type.Integer({ minimum: 0 }),
  browsers: Type.Array(Browser),
  passkeysPossible: Type.Boolean({ description: 'false where the page was opened by an IP address: passkeys belong to a name' }),
  /** What `POST me/proof` takes from this person; `provider`: by GET providers/oidc/start?prove=1; empty: sign out and in again. */
  provesBy: Type.Array(words('totp', 'passkey', 'recoveryCode', 'password', 'provider')),
  provenUntil: Moment
})
export type MyFactors = Static<typeof MyFactors>

/** POST /api/v1/me/totp/setup: nothing is kept until `POST me/totp` brings the ticket back with a code. Good for 10 minutes. */
export const TotpSetup = Type.Object({ ticket: Ticket, secret: Type.String({ description: 'Base32, for typing' }), uri: Type.String({ description: 'otpauth://…, for a QR code' }), expiresAt: Moment })
export type TotpSetup = Static<typeof TotpSetup>
/** POST /api/v1/me/totp */
export const TotpForm = Type.Object({ ticket: Ticket, code: Type.String({ minLength: 1, maxLength: 32 }) })
export type TotpForm = Static<typeof TotpForm>
/** `recoveryCodes`: with the first second factor, shown once. */
export const FactorAdded = Type.Union([
  Type.Object({ granted: Type.Literal(true), recoveryCodes: Type.Union([Type.Array(Type.String()), Type.Null()]) }), NotProven
])
export type FactorAdded = Static<typeof FactorAdded>
/** POST /api/v1/me/passkeys */
export const PasskeyForm = Type.Object({ ticket: Ticket, name: Name, attestation: PasskeyAttestation })
export type PasskeyForm = Static<typeof PasskeyForm>
/** PATCH /api/v1/me/passkeys/{id} */
export const PasskeyChange = Type.Object({ name: Name })
export type PasskeyChange = Static<typeof PasskeyChange>
/** POST /api/v1/me/recovery-codes: the earlier ones are worth nothing from now on. */
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) })
export type RecoveryCodes = Static<typeof RecoveryCodes>
/** How many browsers were forgotten. */
export const BrowsersForgotten = Type.Object({ browsers: Type.Integer({ minimum: 0 }) })
export type BrowsersForgotten = Static<typeof BrowsersForgotten>
/** DELETE /api/v1/people/{id}/second-factors */
export const SecondFactorsRemoved = Type.Object({ sessions: Type.Integer({ minimum: 0, description: 'that ended' }), factors: Type.Integer({ minimum: 0 }) })
export type SecondFactorsRemoved = Static<typeof SecondFactorsRemoved>
