/** The browser's part of passkeys (WebAuthn Level 3). Browsers that do not read JSON themselves get a library for it. */
import type { PasskeyForm, PasskeyOptions, PasskeyProof } from '@oncekey/protocol/schemas'
import { OfflineError } from '@oncekey/client'
import { remember } from '../ui/memory.ts'

type Options = PasskeyOptions['options']
type Assertion = PasskeyProof['assertion']
type Attestation = PasskeyForm['attestation']

/** Browsers tell a file that can not be fetched by a TypeError each in its own words. */
const library = () => import('@simplewebauthn/browser').catch((cause: unknown) => { throw new OfflineError('', { cause }) })

/**
 * Asks for a passkey. With `signal` the browser offers it in the list of the field that is marked for it, until that says
 * stop. Null: nobody gave one, or the browser refused.
 */
export async function askPasskey (options: Options, signal?: AbortSignal): Promise<Assertion | null> {
  // What the server made, and what browsers make of it, is checked by the server; the types are theirs.
  const json = options as unknown as PublicKeyCredentialRequestOptionsJSON
  return orNull(async () => {
    if ('parseRequestOptionsFromJSON' in PublicKeyCredential) {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json)
      return toJson(await navigator.credentials.get({ publicKey, ...(signal && { signal, mediation: 'conditional' }) })) as Assertion | null
    }
    const { startAuthentication } = await library()
    return await startAuthentication({ optionsJSON: json as never, useBrowserAutofill: signal !== undefined, verifyBrowserAutofillInput: false }) as Assertion
  })
}

/** Has a passkey made. Null: nobody wanted, or the browser refused. @throws InvalidStateError when this device has one already */
export async function makePasskey (options: Options): Promise<Attestation | null> {
  const json = options as unknown as PublicKeyCredentialCreationOptionsJSON
  const made = await orNull(async () => {
    if ('parseCreationOptionsFromJSON' in PublicKeyCredential) return toJson(await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) })) as Attestation | null
    const { startRegistration } = await library()
    return await startRegistration({ optionsJSON: json as never }) as Attestation
  })
  if (made !== null) notePasskey()
  return made
}

/** From now on the sign-in page of this browser offers passkeys by itself. */
export function notePasskey (): void {
  remember('passkey', 'used')
}

function toJson (credential: Credential | null) {
  return credential instanceof PublicKeyCredential ? credential.toJSON() : null
}

/** Waiting too long, saying no, and having none are all told as NotAllowedError, so that pages learn nothing. */
async function orNull<Made> (make: () => Promise<Made | null>): Promise<Made | null> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError')) return null
    throw error
  }
}
