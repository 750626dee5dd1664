import type { FactorAdded, PasskeyForm, PasskeyOptions, PasskeyProof } from '@oncekey/protocol/schemas'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { House } from '../house.ts'
import { describeMe } from '../me/describe.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { distrustOthers, type Here } from './first.ts'
import { firstCodes } from './recovery-codes.ts'
import type { Place } from './place.ts'
import { tellFactor } from './tell.ts'
import { makeTicket, openTicket, spendTicket, type Ticket, type TicketUse } from './tickets.ts'

const TICKET_MS = 300_000
const MOST = 20
type Transports = NonNullable<RegistrationResponseJSON['response']['transports']>

/** Loaded when somebody uses a passkey: 25 MB that an idle server does not need. */
const webauthn = () => import('@simplewebauthn/server')

/** Options for `navigator.credentials.create`. */
export async function setUpPasskey (house: House, personId: string, place: Place): Promise<PasskeyOptions> {
  const { generateRegistrationOptions } = await webauthn()
  const me = await describeMe(house, personId)
  const has = await house.db.read.selectFrom('passkeys').select(['credential_id', 'transports']).where('person_id', '=', personId).execute()
  const options = await generateRegistrationOptions({
    rpName: me.site.name, rpID: place.host, userID: new Uint8Array(Buffer.from(personId)), userName: me.email, userDisplayName: me.name, attestationType: 'none', timeout: TICKET_MS,
    excludeCredentials: has.map((one) => ({ id: one.credential_id, transports: transportsIn(one.transports) })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' }
  })
  return withTicket(house, 'passkey setup', personId, options)
}

/** Adds the passkey that a browser made. @throws Problem setupOver, passkeyRefused, alreadyExists, and badRequest when there are 20 */
export async function addPasskey (house: House, personId: string, here: Here & { place: Place }, { ticket: sealed, name, attestation }: PasskeyForm): Promise<FactorAdded> {
  const { place } = here
  const ticket = openTicket(house, 'passkey setup', sealed, personId)
  if (ticket === null) throw new Problem('setupOver')
  const { verifyRegistrationResponse } = await webauthn()
  const { registrationInfo } = await verifyRegistrationResponse({
    // The library checks it all itself; its type names more words than a schema that lets unknown ones pass.
    response: { ...attestation, clientExtensionResults: {} } as RegistrationResponseJSON,
    expectedChallenge: ticket.text, expectedOrigin: place.origin, expectedRPID: place.host, requireUserVerification: false
  }).catch(refuse)
  if (registrationInfo === undefined) throw new Problem('passkeyRefused')
  const { credential, credentialBackedUp } = registrationInfo
  return house.db.write(async (trx) => {
    if (!await spendTicket(trx, house, ticket)) throw new Problem('setupOver')
    const owner = await trx.sql.selectFrom('people').select(['id', 'name', 'email']).where('id', '=', personId).where('removed_at', 'is', null).executeTakeFirstOrThrow()
    const ended = await distrustOthers(trx, house, owner, here)
    const has = await trx.sql.selectFrom('passkeys').select('id').where('person_id', '=', personId).execute()
    if (has.length >= MOST) throw new Problem('badRequest', { detail: `There are ${MOST} passkeys already. Remove one first.` })
    const { changes } = await trx.prepare(`INSERT INTO passkeys (credential_id, id, person_id, host, name, public_key, counter, transports, backed_up, created_at, last_used_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (credential_id) DO NOTHING`)
      .run(credential.id, house.newId(), personId, place.host, name.trim(), Buffer.from(credential.publicKey).toString('base64url'), credential.counter, (credential.transports ?? []).join(' '), credentialBackedUp ? 1 : 0, house.clock())
    if (changes === 0) throw new Problem('alreadyExists', { detail: 'This passkey is here already.' })
    await tellFactor(trx, house, owner, 'passkey added', { ended })
    return { granted: true as const, recoveryCodes: await firstCodes(trx, house, personId) }
  })
}

/** Options for `navigator.credentials.get`. `personId` null: whoever has a passkey for this place. */
export async function askForPasskey (house: House, personId: string | null, place: Place): Promise<PasskeyOptions> {
  const { generateAuthenticationOptions } = await webauthn()
  const has = personId === null ? [] : await house.db.read.selectFrom('passkeys').select(['credential_id', 'transports']).where('person_id', '=', personId).where('host', '=', place.host).execute()
  const options = await generateAuthenticationOptions({
    rpID: place.host, timeout: TICKET_MS, userVerification: personId === null ? 'required' : 'preferred',
    allowCredentials: has.map((one) => ({ id: one.credential_id, transports: transportsIn(one.transports) }))
  })
  return withTicket(house, personId === null ? 'passkey sign-in' : 'passkey proof', personId, options)
}

/** A signature that was right; what remains to be done in the write that acts on it. */
export type Asserted = { personId: string, credentialId: string, counter: number, ticket: Ticket }

/**
 * Checks the answer of a passkey. Null: it is not right, for whatever reason. Without a person it has to verify its user (a
 * PIN, a finger, a face), as it is the only factor then.
 */
export async function checkAssertion (house: House, personId: string | null, place: Place, { ticket: sealed, assertion }: PasskeyProof): Promise<Asserted | null> {
  const ticket = openTicket(house, personId === null ? 'passkey sign-in' : 'passkey proof', sealed, personId)
  const passkey = await house.db.read.selectFrom('passkeys').selectAll().where('credential_id', '=', assertion.id).where('host', '=', place.host).executeTakeFirst()
  if (ticket === null || passkey === undefined || (personId !== null && passkey.person_id !== personId)) return null
  const { userHandle } = assertion.response
  if (typeof userHandle === 'string' && userHandle !== '' && Buffer.from(userHandle, 'base64url').toString() !== passkey.person_id) return null
  const { verifyAuthenticationResponse } = await webauthn()
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { ...assertion, clientExtensionResults: {} } as AuthenticationResponseJSON,
    expectedChallenge: ticket.text, expectedOrigin: place.origin, expectedRPID: place.host, requireUserVerification: personId === null,
    credential: { id: passkey.credential_id, publicKey: new Uint8Array(Buffer.from(passkey.public_key, 'base64url')), counter: passkey.counter, transports: transportsIn(passkey.transports) }
  }).catch(() => ({ verified: false, authenticationInfo: null }))
  return verified && authenticationInfo !== null ? { personId: passkey.person_id, credentialId: passkey.credential_id, counter: authenticationInfo.newCounter, ticket } : null
}

/** Uses the answer up, in the write that acts on it. @returns false when it was used before, or the passkey is gone or was copied (its counter went back) */
export async function useAssertion (trx: Trx, house: House, { credentialId, counter, ticket }: Asserted): Promise<boolean> {
  if (!await spendTicket(trx, house, ticket)) return false
  const { changes } = await trx.prepare('UPDATE passkeys SET counter = ?, last_used_at = ? WHERE credential_id = ? AND (counter < ? OR (counter = 0 AND ? = 0))').run(counter, house.clock(), credentialId, counter, counter)
  return changes === 1
}

function withTicket (house: House, use: TicketUse, person: string | null, options: { challenge: string }): PasskeyOptions {
  return { ticket: makeTicket(house, use, { text: options.challenge, person, expiresAt: house.clock() + TICKET_MS }), options: { ...options } }
}

function transportsIn (text: string): Transports {
  // We wrote them ourselves, as the browser said them.
  return text.split(' ').filter(Boolean) as Transports
}

function refuse (cause: unknown): never {
  throw new Problem('passkeyRefused', { cause })
}
