import type { Audience } from '../platform/http.ts'
import type { Method } from './answers.ts'

/** One operation of the API and who may call it. */
export type Permission = {
  /** Method and path as OpenAPI has them. */
  call: `${Method} /${string}`
  /** Everybody, people from this role on, or programs with an API key of this scope. */
  from: Audience
  /** What it answers or changes depends on whose it is: a sentence for docs/roles.md. How it is tried is in ownership.ts. */
  own?: string
  /** A well-formed body, for calls that need one; every field of it is also tried with odd values. */
  body?: Readonly<Record<string, unknown>>
  /** The same for calls that take a list: text/csv. */
  text?: string
  /** A well-formed query. */
  query?: string
  /** A well-formed id that nothing has; absent: `noId`. */
  id?: string
  /** An id that nothing has gets the verdict that a wrong try gets, so that nobody learns which there are. */
  hidesIds?: true
  /** A session that was proven too long ago is asked who it is; a body only where it depends on that. */
  asksProof?: true | { body: Readonly<Record<string, unknown>> }
  /** The answer is a stream that stays open. */
  stays?: true
}

export const noId = '01890000-0000-7000-8000-000000000000'
const noVerification = 'A'.repeat(22)
const noChallenge = 'A'.repeat(31)
const nobody = { login: 'nobody@example.org' }
const password = 'quiet river stones'
const reason = 'why not'
const ticket = 'A'.repeat(60)
const passkey = { ticket, assertion: { id: 'AA', rawId: 'AA', type: 'public-key', response: { clientDataJSON: 'AA', authenticatorData: 'AA', signature: 'AA' } } }
const attestation = { id: 'AA', rawId: 'AA', type: 'public-key', response: { clientDataJSON: 'AA', attestationObject: 'AA' } }

/**
 * Who may call what: the one list, by area. It stands beside the routes' own declarations on purpose: a route says who
 * may call it where it is defined, this says who should, and matrix.test.ts holds both against the server. A route
 * without a line here fails the tests; so does a line without a route.
 */
export const permissions: Readonly<Record<string, readonly Permission[]>> = {
  'The server': [
    { call: 'GET /', from: 'everybody' },
    { call: 'GET /health', from: 'everybody' },
    { call: 'GET /health/live', from: 'everybody' }
  ],
  'First run': [
    { call: 'GET /api/v1/setup', from: 'everybody' },
    { call: 'POST /api/v1/setup', from: 'everybody', body: { token: 'x', name: 'N', email: 'n@example.org', password, siteName: 'S', timeZone: 'UTC', demonstration: false } }
  ],
  'Sign-in': [
    { call: 'POST /api/v1/sessions', from: 'everybody', body: { login: 'nobody@example.org', password: 'wrong' } },
    { call: 'GET /api/v1/captcha', from: 'everybody' },
    { call: 'DELETE /api/v1/sessions/current', from: 'everybody' },
    { call: 'POST /api/v1/sign-in-codes', from: 'everybody', body: nobody },
    { call: 'POST /api/v1/sessions/by-code', from: 'everybody', body: { challenge: noChallenge, code: '000000' } },
    { call: 'POST /api/v1/sessions/second-factor', from: 'everybody', body: { ticket: 'A'.repeat(43), proof: { totp: '000000' } } },
    { call: 'POST /api/v1/passkeys/options', from: 'everybody', body: {} },
    { call: 'POST /api/v1/sessions/by-passkey', from: 'everybody', body: { passkey } },
    { call: 'POST /api/v1/challenges/resend', from: 'everybody', body: { challenge: noChallenge } },
    { call: 'POST /api/v1/recoveries', from: 'everybody', body: nobody },
    { call: 'POST /api/v1/recoveries/confirm', from: 'everybody', body: { challenge: noChallenge, code: '000000', password } },
    { call: 'POST /api/v1/invitations/accept', from: 'everybody', body: { token: 'x'.repeat(43), password } },
    { call: 'GET /api/v1/me', from: 'member', own: 'oneself' },
    { call: 'PATCH /api/v1/me', from: 'member', own: 'oneself', body: { name: 'N' } },
    { call: 'POST /api/v1/me/email', from: 'member', asksProof: true, own: 'one\'s own', body: { email: 'new@example.org' } },
    { call: 'POST /api/v1/me/email/confirm', from: 'member', own: 'one\'s own', body: { challenge: noChallenge, code: '000000' } },
    { call: 'GET /api/v1/me/history', from: 'member', own: 'what the record says about oneself; to members without the names of others' },
    { call: 'GET /api/v1/me/data', from: 'member', own: 'one\'s own' },
    { call: 'GET /api/v1/me/sessions', from: 'member', own: 'one\'s own' },
    { call: 'DELETE /api/v1/me/sessions', from: 'member', asksProof: true, own: 'one\'s own, but the one that asks' },
    { call: 'DELETE /api/v1/me/sessions/{id}', from: 'member', asksProof: true, own: 'one\'s own', id: '0'.repeat(32) },
    { call: 'POST /api/v1/me/password', from: 'member', asksProof: true, own: 'one\'s own', body: { current: 'not the password', password } }
  ],
  'Sign-in by a provider': [
    { call: 'GET /api/v1/providers/oidc/start', from: 'everybody' },
    { call: 'GET /api/v1/providers/oidc/callback', from: 'everybody', query: 'state=x&code=x' },
    { call: 'GET /api/v1/me/providers', from: 'member', own: 'one\'s own' },
    { call: 'POST /api/v1/me/providers', from: 'member', own: 'one\'s own', asksProof: true, body: {} },
    { call: 'DELETE /api/v1/me/providers/{id}', from: 'member', own: 'one\'s own', asksProof: true }
  ],
  'Second factors': [
    { call: 'GET /api/v1/me/factors', from: 'member', own: 'one\'s own' },
    { call: 'POST /api/v1/me/proof', from: 'member', own: 'one\'s own', body: { proof: { totp: '000000' } } },
    { call: 'POST /api/v1/me/proof/passkey-options', from: 'member' },
    { call: 'POST /api/v1/me/totp/setup', from: 'member', asksProof: true },
    { call: 'POST /api/v1/me/totp', from: 'member', asksProof: true, own: 'a set-up of one\'s own', body: { ticket, code: '000000' } },
    { call: 'DELETE /api/v1/me/totp', from: 'member', asksProof: true },
    { call: 'POST /api/v1/me/passkeys/setup', from: 'member', asksProof: true },
    { call: 'POST /api/v1/me/passkeys', from: 'member', asksProof: true, body: { ticket, name: 'Key', attestation } },
    { call: 'PATCH /api/v1/me/passkeys/{id}', from: 'member', own: 'one\'s own', body: { name: 'Key' } },
    { call: 'DELETE /api/v1/me/passkeys/{id}', from: 'member', asksProof: true, own: 'one\'s own' },
    { call: 'POST /api/v1/me/recovery-codes', from: 'member', asksProof: true },
    { call: 'DELETE /api/v1/me/browsers', from: 'member', own: 'one\'s own, but the one that asks' },
    { call: 'DELETE /api/v1/me/browsers/{id}', from: 'member', own: 'one\'s own' },
    { call: 'DELETE /api/v1/people/{id}/second-factors', from: 'admin', asksProof: true, own: 'people below one\'s own role, owners also owners; never oneself' }
  ],
  Registration: [
    { call: 'POST /api/v1/registrations', from: 'everybody', body: { username: 'nobody', name: 'N', email: 'n@example.org', password } },
    { call: 'POST /api/v1/registrations/confirm', from: 'everybody', body: { challenge: noChallenge, code: '000000', username: 'nobody' } },
    { call: 'GET /api/v1/registration-policy', from: 'everybody' },
    { call: 'PATCH /api/v1/registration-policy', from: 'admin', asksProof: true, body: { who: 'everybody', domains: ['example.org'] } }
  ],
  People: [
    { call: 'GET /api/v1/people', from: 'operator', query: 'q=ma&limit=2' },
    { call: 'GET /api/v1/people/{id}', from: 'operator' },
    { call: 'GET /api/v1/people/{id}/code-log', from: 'operator', own: 'people up to one\'s own role' },
    { call: 'POST /api/v1/people/imports/preview', from: 'admin', own: 'roles up to one\'s own', text: 'name,email\nNia,nia@gym.example' },
    { call: 'POST /api/v1/people/imports', from: 'admin', asksProof: true, own: 'roles up to one\'s own', text: 'name,email\nMaya,maya@gym.example' },
    { call: 'GET /api/v1/people/imports', from: 'admin' },
    { call: 'GET /api/v1/people/imports/{id}', from: 'admin' },
    { call: 'GET /api/v1/people/imports/{id}/report', from: 'admin' },
    { call: 'POST /api/v1/people', from: 'operator', own: 'roles up to one\'s own', asksProof: { body: { name: 'N', email: 'o@gym.example', role: 'operator' } }, body: { name: 'N', email: 'maya@gym.example', role: 'member' } },
    { call: 'PATCH /api/v1/people/{id}', from: 'operator', own: 'people up to one\'s own role, and roles up to it; another address or role only for those below it, owners also for owners', asksProof: { body: { role: 'member' } }, body: { name: 'N' } },
    { call: 'DELETE /api/v1/people/{id}', from: 'operator', asksProof: true, own: 'people up to one\'s own role' },
    { call: 'POST /api/v1/people/{id}/sign-out', from: 'operator', own: 'people up to one\'s own role' },
    { call: 'POST /api/v1/people/{id}/reset-password', from: 'operator', asksProof: true, own: 'people below one\'s own role, owners also owners; never oneself' }
  ],
  Places: [
    { call: 'GET /api/v1/places', from: 'operator' },
    { call: 'POST /api/v1/banks', from: 'operator', body: { name: 'Bank A', range: 'A01' } },
    { call: 'POST /api/v1/banks/{id}/compartments', from: 'operator', body: { range: 'A01' } },
    { call: 'POST /api/v1/doors', from: 'operator', body: { name: 'Front door' } },
    { call: 'PATCH /api/v1/access-points/{id}', from: 'operator', body: { name: 'N' } },
    { call: 'DELETE /api/v1/access-points/{id}', from: 'operator' },
    { call: 'POST /api/v1/access-points/{id}/unlock', from: 'operator', asksProof: true, body: { reason } },
    { call: 'POST /api/v1/access-points/{id}/lock', from: 'operator', body: { reason } },
    { call: 'GET /api/v1/access-points/{id}/recipients', from: 'operator' },
    { call: 'POST /api/v1/access-points/{id}/recipients', from: 'operator', body: { address: 'door@example.org' } },
    { call: 'DELETE /api/v1/door-recipients/{id}', from: 'operator' },
    { call: 'GET /api/v1/access-points/{id}/door-mode', from: 'operator' },
    { call: 'PATCH /api/v1/access-points/{id}/door-mode', from: 'admin', asksProof: true, body: { way: 'mail', doorMakes: false } },
    { call: 'GET /api/v1/access-points/{id}/pins', from: 'operator' },
    { call: 'POST /api/v1/access-points/{id}/pins', from: 'operator', asksProof: true, body: { label: 'Installer' } },
    { call: 'DELETE /api/v1/pins/{id}', from: 'operator' },
    { call: 'GET /api/v1/door-codes', from: 'member', own: 'members requests that they are named to answer; operators everything' },
    { call: 'POST /api/v1/door-codes/{id}/decision', from: 'member', own: 'at a door with named people only those and administrators; else operators', asksProof: true, body: { approve: true } },
    { call: 'DELETE /api/v1/door-codes/{id}', from: 'operator' }
  ],
  Grants: [
    { call: 'GET /api/v1/grants', from: 'operator' },
    { call: 'POST /api/v1/grants', from: 'operator', body: { personId: noId, accessPointIds: [noId] } },
    { call: 'DELETE /api/v1/grants/{id}', from: 'operator' }
  ],
  Codes: [
    { call: 'GET /api/v1/me/access', from: 'member', own: 'what one may open oneself' },
    { call: 'POST /api/v1/codes', from: 'member', own: 'members for themselves; operators for everybody', body: { accessPointId: noId } },
    { call: 'GET /api/v1/codes', from: 'member', own: 'members their own; operators everybody\'s' },
    { call: 'DELETE /api/v1/codes/{id}', from: 'member', own: 'members their own; operators everybody\'s' }
  ],
  Controllers: [
    { call: 'POST /api/v1/commissioning', from: 'everybody', body: { key: 'A'.repeat(43), claimCode: 'ABCDEFGHJK', hardware: '', firmware: '', locks: 1 } },
    { call: 'POST /api/v1/controllers/claim', from: 'admin', body: { claimCode: 'ABCDEFGHJM', name: 'x' } },
    { call: 'GET /api/v1/controllers/{id}/simulation', from: 'admin' },
    { call: 'POST /api/v1/controllers/{id}/clear-lockout', from: 'operator', body: { reason } },
    { call: 'PATCH /api/v1/controllers/{id}/offline-codes', from: 'admin', body: { clock: 'trusted' } },
    { call: 'PATCH /api/v1/controllers/{id}/offline-pins', from: 'admin', asksProof: true, body: { days: 7 } },
    { call: 'PATCH /api/v1/controllers/{id}/policies', from: 'admin', asksProof: { body: { forcedDoors: true, heldDoorMs: 0, lowMillivolts: 9000, criticalMillivolts: 9000, failSafeLocks: [1], menu: false } }, body: { forcedDoors: true, heldDoorMs: 0, lowMillivolts: 0, criticalMillivolts: 0, failSafeLocks: [], menu: false } },
    { call: 'DELETE /api/v1/controllers/{id}', from: 'admin', asksProof: true },
    { call: 'GET /api/v1/controllers/{id}/image', from: 'everybody' }
  ],
  'Updates of controllers': [
    { call: 'GET /api/v1/updates', from: 'operator' },
    { call: 'PATCH /api/v1/controllers/{id}/group', from: 'operator', body: { group: 'Building A' } },
    { call: 'POST /api/v1/updates/keys', from: 'admin', asksProof: true, body: { name: 'Works', publicKey: 'A'.repeat(43) } },
    { call: 'DELETE /api/v1/updates/keys/{id}', from: 'admin', asksProof: true },
    { call: 'POST /api/v1/updates/images', from: 'admin', asksProof: true },
    { call: 'DELETE /api/v1/updates/images/{id}', from: 'admin' },
    { call: 'POST /api/v1/updates/rollouts', from: 'admin', asksProof: true, body: { imageId: noId } },
    { call: 'GET /api/v1/updates/rollouts/{id}', from: 'operator' },
    { call: 'POST /api/v1/updates/rollouts/{id}/halt', from: 'operator' },
    { call: 'POST /api/v1/updates/rollouts/{id}/resume', from: 'admin', asksProof: true },
    { call: 'POST /api/v1/updates/rollouts/{id}/end', from: 'admin' }
  ],
  'Old programs': [
    { call: 'GET /api/v1/compat', from: 'admin' },
    { call: 'PATCH /api/v1/compat', from: 'admin', asksProof: true, body: { on: true } },
    { call: 'POST /api/v1/compat/tokens', from: 'admin', asksProof: true, body: { contract: 'door', accessPointId: noId } },
    { call: 'DELETE /api/v1/compat/tokens/{id}', from: 'admin' }
  ],
  'Live page': [
    { call: 'GET /api/v1/live', from: 'operator' },
    { call: 'GET /api/v1/feed', from: 'member', own: 'members what concerns them; messages only their addressee', stays: true }
  ],
  Messages: [
    { call: 'GET /api/v1/me/inbox', from: 'member', own: 'one\'s own, whatever the role' },
    { call: 'POST /api/v1/me/inbox/{id}/reveal', from: 'member', own: 'one\'s own, whatever the role' },
    { call: 'POST /api/v1/contact', from: 'everybody', body: { name: 'N', email: 'n@example.org', message: 'Help' } }
  ],
  'The record': [
    { call: 'GET /api/v1/audit', from: 'operator' },
    { call: 'GET /api/v1/audit/chain', from: 'operator' },
    { call: 'GET /api/v1/audit/export', from: 'operator', query: 'from=999999999' },
    { call: 'GET /api/v1/audit/witness', from: 'operator' },
    { call: 'PATCH /api/v1/audit/witness', from: 'admin', asksProof: true, body: { mail: 'witness@example.org' } }
  ],
  Diagnostics: [
    { call: 'GET /api/v1/diagnostics', from: 'operator' },
    { call: 'GET /api/v1/diagnostics/hardening', from: 'admin' }
  ],
  'API keys': [
    { call: 'GET /api/v1/api-keys', from: 'admin' },
    { call: 'POST /api/v1/api-keys', from: 'admin', asksProof: true, body: { name: 'Shop' } },
    { call: 'POST /api/v1/api-keys/{id}/rotate', from: 'admin', asksProof: true, body: { graceHours: 24 } },
    { call: 'DELETE /api/v1/api-keys/{id}', from: 'admin' }
  ],
  Webhooks: [
    { call: 'GET /api/v1/webhooks', from: 'admin' },
    { call: 'POST /api/v1/webhooks', from: 'admin', asksProof: true, body: { url: 'https://shop.example.org/hooks', events: ['verification.verified'] } },
    { call: 'PATCH /api/v1/webhooks/{id}', from: 'admin', body: { isPaused: true } },
    { call: 'POST /api/v1/webhooks/{id}/rotate', from: 'admin', asksProof: true, body: { graceHours: 24 } },
    { call: 'POST /api/v1/webhooks/{id}/test', from: 'admin' },
    { call: 'GET /api/v1/webhooks/{id}/deliveries', from: 'admin' },
    { call: 'POST /api/v1/webhook-deliveries/{id}/replay', from: 'admin', id: 'msg_0' },
    { call: 'DELETE /api/v1/webhooks/{id}', from: 'admin' }
  ],
  'Recipients for tests': [
    { call: 'GET /api/v1/test-recipients', from: 'admin' },
    { call: 'POST /api/v1/test-recipients', from: 'admin', asksProof: true, body: { to: 'test@example.org', code: '424242', expiresAt: Date.UTC(2026, 0, 20) } },
    { call: 'DELETE /api/v1/test-recipients/{id}', from: 'admin' }
  ],
  'Verifications, by other programs': [
    { call: 'POST /api/v1/verifications', from: 'key:verifications', body: { to: 'n@example.org' } },
    { call: 'GET /api/v1/verifications/{id}', from: 'key:verifications:read', id: noVerification },
    { call: 'POST /api/v1/verifications/{id}/check', from: 'key:verifications', id: noVerification, hidesIds: true, body: { code: '123456' } },
    { call: 'POST /api/v1/verifications/{id}/resend', from: 'key:verifications', id: noVerification },
    { call: 'POST /api/v1/verifications/{id}/cancel', from: 'key:verifications', id: noVerification }
  ],
  'Words of codes': [
    { call: 'GET /api/v1/message-templates', from: 'admin' },
    { call: 'PATCH /api/v1/message-templates', from: 'admin', asksProof: true, body: { kind: 'text', language: 'en', text: '{code} for {site}' } },
    { call: 'POST /api/v1/message-templates/reset', from: 'admin', body: { kind: 'text', language: 'en' } },
    { call: 'POST /api/v1/message-templates/preview', from: 'admin', body: { kind: 'text', language: 'en' } },
    { call: 'POST /api/v1/message-templates/language', from: 'admin', body: { language: 'en' } }
  ],
  'Receipts, by gateways: signed': [
    { call: 'POST /api/v1/receipts/twilio', from: 'everybody', query: `message=${noId}` },
    { call: 'POST /api/v1/receipts/gateway', from: 'everybody' }
  ],
  'The fraud guard': [
    { call: 'GET /api/v1/guard', from: 'operator' },
    { call: 'GET /api/v1/guard/figures', from: 'operator', query: 'by=day' },
    { call: 'PATCH /api/v1/guard/settings', from: 'admin', asksProof: true, body: { adaptive: true } },
    { call: 'POST /api/v1/guard/blocks/{id}/lift', from: 'operator', body: { reason } }
  ],
  // The last one: whoever is let in is gone.
  Leaving: [{ call: 'DELETE /api/v1/me', from: 'member', asksProof: true, own: 'oneself; not the last owner' }]
}

/** Under /api, but not in the document: the document itself and its page. */
export const beside: readonly string[] = ['GET /api', 'GET /api/openapi.json', 'GET /api/reference.css']

/** The table's lines, one after the other. */
export const everyPermission: readonly Permission[] = Object.values(permissions).flat()
