import type { BrowsersForgotten, FactorAdded, MyFactors, MyProviders, PasskeyChange, PasskeyForm, PasskeyOptions, Proof, ProofVerdict, ProviderLink, ProviderLinkForm, RecoveryCodes, SecondFactorsRemoved, TotpForm, TotpSetup } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Second factors of one's own, and the proof that dangerous calls ask for. */
export function factorVerbs (call: Call) {
  const api = 'api/v1/'
  const at = (folder: string, id: string, rest = ''): string => api + folder + '/' + encodeURIComponent(id) + rest
  return {
    get: () => call<MyFactors>('GET', api + 'me/factors'),
    /** Proves anew who one is: calls that were refused with `proofNeeded` are allowed for 15 minutes. */
    prove: (proof: Proof) => call<ProofVerdict>('POST', api + 'me/proof', { body: { proof } }),
    /** For `navigator.credentials.get`, to prove by a passkey. */
    proofOptions: () => call<PasskeyOptions>('POST', api + 'me/proof/passkey-options'),
    setUpTotp: () => call<TotpSetup>('POST', api + 'me/totp/setup'),
    addTotp: (form: TotpForm) => call<FactorAdded>('POST', api + 'me/totp', { body: form }),
    removeTotp: () => call('DELETE', api + 'me/totp'),
    /** For `navigator.credentials.create`. */
    setUpPasskey: () => call<PasskeyOptions>('POST', api + 'me/passkeys/setup'),
    addPasskey: (form: PasskeyForm) => call<FactorAdded>('POST', api + 'me/passkeys', { body: form }),
    renamePasskey: (id: string, form: PasskeyChange) => call('PATCH', at('me/passkeys', id), { body: form }),
    removePasskey: (id: string) => call('DELETE', at('me/passkeys', id)),
    /** In place of the earlier ones. */
    renewRecoveryCodes: () => call<RecoveryCodes>('POST', api + 'me/recovery-codes'),
    forgetBrowser: (id: string) => call('DELETE', at('me/browsers', id)),
    /** All but this one. */
    forgetBrowsers: () => call<BrowsersForgotten>('DELETE', api + 'me/browsers'),
    /** By which providers one can sign in. */
    providers: () => call<MyProviders>('GET', api + 'me/providers'),
    /** The address to send the browser to, to sign in by the provider from now on; it comes back to `next`. */
    linkProvider: (form: ProviderLinkForm = {}) => call<ProviderLink>('POST', api + 'me/providers', { body: form }),
    unlinkProvider: (id: string) => call('DELETE', at('me/providers', id)),
    /** Of somebody who lost them all. */
    removeOf: (personId: string) => call<SecondFactorsRemoved>('DELETE', at('people', personId, '/second-factors'))
  }
}
