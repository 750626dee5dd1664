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
    { call: 'GET /health/live', from: 'everybody' },
    { call: 'GET /metrics', from: 'key:metrics' }
  ],
  'First run': [
    { call: 'GET /api/v1/setup', from: 'everybody' },
    { call: 'POST /api/v1/setup', from: 'everybody', body: { token: 'x', name: 'N', email: 'n@example.org', password, siteName: 'S', timeZone: 'UTC', demonstration: false } },
    { call: 'GET /api/v1/setup/restore', from: 'everybody' },
    { call: 'POST /api/v1/setup/restore', from: 'everybody', body: { token: 'x', bytes: 1 } },
    { call: 'GET /api/v1/setup/restore/{upload}', from: 'everybody', id: 'none' },
    { call: 'POST /api/v1/setup/restore/{upload}/parts', from: 'everybody', id: 'none', query: 'from=0' },
    { call: 'POST /api/v1/setup/restore/{upload}/check', from: 'everybody', id: 'none', body: {} }
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
    { call: 'POST /api/v1/places/imports/preview', from: 'operator', text: 'name,bank\nA01,Bank B' },
    { call: 'POST /api/v1/places/imports', from: 'operator', text: 'name,bank\nA01,Bank B' },
    { call: 'POST /api/v1/banks', from: 'operator', body: { name: 'Bank A', range: 'A01' } },
    { call: 'PATCH /api/v1/banks/{id}', from: 'operator', body: { name: 'N' } },
    { call: 'DELETE /api/v1/banks/{id}', from: 'operator', asksProof: true },
    { call: 'POST /api/v1/banks/{id}/compartments', from: 'operator', body: { range: 'A01' } },
    { call: 'POST /api/v1/doors', from: 'operator', body: { name: 'Front door' } },
    { call: 'PATCH /api/v1/access-points/{id}', from: 'operator', body: { name: 'N' } },
    { call: 'DELETE /api/v1/access-points/{id}', from: 'operator', asksProof: true },
    { call: 'GET /api/v1/access-points/{id}/camera', from: 'operator' },
    { call: 'PATCH /api/v1/access-points/{id}/camera', from: 'admin', asksProof: true, body: { url: 'https://camera.example.org/shot.jpg', causes: ['forced'], keepDays: 7 } },
    { call: 'DELETE /api/v1/access-points/{id}/camera', from: 'admin', asksProof: true },
    { call: 'POST /api/v1/access-points/{id}/camera/test', from: 'admin', asksProof: true },
    { call: 'GET /api/v1/pictures/{id}', from: 'operator' },
    { call: 'POST /api/v1/access-points/{id}/unlock', from: 'operator', asksProof: true, body: { reason } },
    { call: 'POST /api/v1/access-points/{id}/lock', from: 'operator', body: { reason } },
    { call: 'GET /api/v1/standing-orders', from: 'operator' },
    { call: 'POST /api/v1/standing-orders', from: 'operator', asksProof: true, body: { kind: 'lockdown', bankId: noId, reason } },
    { call: 'POST /api/v1/standing-orders/{id}/end', from: 'operator', own: 'lockdowns and evacuations: administrators', asksProof: true, body: { reason } },
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
    { call: 'DELETE /api/v1/grants/{id}', from: 'operator' },
    { call: 'GET /api/v1/groups', from: 'operator' },
    { call: 'POST /api/v1/groups', from: 'operator', body: { name: 'N' } },
    { call: 'PATCH /api/v1/groups/{id}', from: 'operator', body: { name: 'N' } },
    { call: 'DELETE /api/v1/groups/{id}', from: 'operator' },
    { call: 'GET /api/v1/groups/{id}/people', from: 'operator' },
    { call: 'PATCH /api/v1/groups/{id}/people', from: 'operator', body: { join: [noId], leave: [] } },
    { call: 'POST /api/v1/groups/{id}/grants', from: 'operator', body: { accessPointIds: [noId], bankIds: [] } },
    { call: 'DELETE /api/v1/group-grants/{id}', from: 'operator' },
    { call: 'GET /api/v1/holidays', from: 'operator' },
    { call: 'POST /api/v1/holidays', from: 'admin', body: { date: '2026-12-25', name: 'Christmas' } },
    { call: 'DELETE /api/v1/holidays/{id}', from: 'admin' },
    { call: 'GET /api/v1/access/why', from: 'operator', query: `personId=${noId}&accessPointId=${noId}` },
    { call: 'GET /api/v1/access/holders', from: 'operator', query: `accessPointId=${noId}` },
    { call: 'GET /api/v1/access/points', from: 'operator', query: `personId=${noId}` },
    { call: 'GET /api/v1/audit/why', from: 'operator', query: 'seq=1' }
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
    { call: 'GET /api/v1/controllers/{id}', from: 'operator' },
    { call: 'GET /api/v1/controllers/{id}/simulation', from: 'admin' },
    { call: 'POST /api/v1/controllers/{id}/clear-lockout', from: 'operator', body: { reason } },
    { call: 'PATCH /api/v1/controllers/{id}/offline-codes', from: 'admin', body: { clock: 'trusted' } },
    { call: 'PATCH /api/v1/controllers/{id}/offline-pins', from: 'admin', asksProof: true, body: { days: 7 } },
    { call: 'PATCH /api/v1/controllers/{id}/policies', from: 'admin', asksProof: { body: { forcedDoors: true, heldDoorMs: 0, lowMillivolts: 9000, criticalMillivolts: 9000, failSafeLocks: [1], menu: false } }, body: { forcedDoors: true, heldDoorMs: 0, lowMillivolts: 0, criticalMillivolts: 0, failSafeLocks: [], menu: false } },
    { call: 'POST /api/v1/controllers/{id}/replace', from: 'admin', asksProof: true, body: { claimCode: 'ABCDEFGHJM' } },
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
  'Backups': [
    { call: 'GET /api/v1/backups', from: 'admin' },
    { call: 'POST /api/v1/backups', from: 'admin', asksProof: true, body: {} },
    { call: 'PATCH /api/v1/backups/schedule', from: 'admin', asksProof: true, body: { everyHours: 24, keep: 7 } },
    { call: 'GET /api/v1/backups/{id}', from: 'owner', asksProof: true, id: 'oncekey-2026-01-05T000000Z' },
    { call: 'DELETE /api/v1/backups/{id}', from: 'admin', asksProof: true, id: 'oncekey-2026-01-05T000000Z' }
  ],
  'Old programs': [
    { call: 'GET /api/v1/compat', from: 'admin' },
    { call: 'PATCH /api/v1/compat', from: 'admin', asksProof: true, body: { on: true } },
    { call: 'POST /api/v1/compat/tokens', from: 'admin', asksProof: true, body: { contract: 'door', accessPointId: noId } },
    { call: 'DELETE /api/v1/compat/tokens/{id}', from: 'admin' }
  ],
  Alarms: [
    { call: 'GET /api/v1/alarms', from: 'operator' },
    { call: 'POST /api/v1/alarms/{id}/acknowledge', from: 'operator' },
    { call: 'POST /api/v1/alarms/{id}/snooze', from: 'operator', body: { minutes: 60 } },
    { call: 'POST /api/v1/alarms/{id}/assign', from: 'operator', body: { personId: null } },
    { call: 'POST /api/v1/alarms/{id}/end', from: 'operator' },
    { call: 'GET /api/v1/alarm-rules', from: 'operator' },
    { call: 'PATCH /api/v1/alarm-rules', from: 'admin', body: { version: 0, rules: [] } }
  ],
  Notifications: [
    { call: 'GET /api/v1/me/push', from: 'member', own: 'one\'s own' },
    { call: 'POST /api/v1/me/push', from: 'member', own: 'one\'s own', body: { endpoint: 'https://push.example.org/x', keys: { p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4', auth: 'A'.repeat(22) } } },
    { call: 'DELETE /api/v1/me/push/{id}', from: 'member', own: 'one\'s own' }
  ],
  'Live page': [
    { call: 'GET /api/v1/live', from: 'operator' },
    { call: 'GET /api/v1/feed', from: 'member', own: 'members what concerns them; messages only their addressee', stays: true }
  ],
  Messages: [
    { call: 'GET /api/v1/me/inbox', from: 'member', own: 'one\'s own, whatever the role' },
    { call: 'POST /api/v1/me/inbox/{id}/reveal', from: 'member', own: 'one\'s own, whatever the role' },
    { call: 'POST /api/v1/contact', from: 'everybody', body: { name: 'N', email: 'n@example.org', message: 'Help' } },
    { call: 'POST /api/v1/contact/conversation', from: 'everybody', body: { token: 'A'.repeat(43) } },
    { call: 'POST /api/v1/contact/messages', from: 'everybody', body: { token: 'A'.repeat(43), text: 'Thanks' } },
    { call: 'GET /api/v1/me/conversations', from: 'member', own: 'one\'s own, whatever the role' },
    { call: 'POST /api/v1/me/conversations/{id}/messages', from: 'member', body: { text: 'Hello?' }, own: 'one\'s own, whatever the role' },
    { call: 'GET /api/v1/conversations', from: 'operator' },
    { call: 'GET /api/v1/conversations/{id}', from: 'operator' },
    { call: 'POST /api/v1/conversations/{id}/messages', from: 'operator', body: { text: 'Yes', seen: 1 } },
    { call: 'PATCH /api/v1/conversations/{id}', from: 'operator', body: { state: 'closed' } },
    { call: 'DELETE /api/v1/conversations/{id}', from: 'admin' }
  ],
  'The record': [
    { call: 'GET /api/v1/audit', from: 'operator' },
    { call: 'GET /api/v1/audit/chain', from: 'operator' },
    { call: 'GET /api/v1/audit/chain/progress', from: 'operator' },
    { call: 'GET /api/v1/audit/export', from: 'operator', query: 'from=999999999', asksProof: true },
    { call: 'GET /api/v1/audit/export/rows', from: 'operator', query: 'format=csv&from=1&to=2', asksProof: true },
    { call: 'GET /api/v1/audit/exports', from: 'operator', own: 'one\'s own' },
    { call: 'DELETE /api/v1/audit/exports/{id}', from: 'operator', own: 'one\'s own' },
    { call: 'GET /api/v1/audit/retention', from: 'operator' },
    { call: 'GET /api/v1/audit/retention/preview', from: 'owner', query: 'kind=openings&days=365' },
    { call: 'PATCH /api/v1/audit/retention', from: 'owner', asksProof: true, body: { kind: 'openings', days: 365, before: null } },
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
  Programs: [
    { call: 'GET /api/v1/programs/record', from: 'key:record:read' },
    { call: 'POST /api/v1/programs/unlocks', from: 'key:access:unlock', body: { accessPointId: noId, reason } },
    { call: 'POST /api/v1/programs/codes', from: 'key:access:codes', body: { accessPointId: noId, personId: noId } }
  ],
  'Home Assistant': [
    { call: 'GET /api/v1/home-assistant', from: 'admin' },
    { call: 'PATCH /api/v1/home-assistant', from: 'admin', asksProof: true, body: { isOn: false, host: 'broker.example.org', port: 8883, isTls: true, ca: null, userName: '', prefix: 'homeassistant' } },
    { call: 'POST /api/v1/home-assistant/test', from: 'admin' },
    { call: 'PATCH /api/v1/access-points/{id}/home-assistant', from: 'admin', asksProof: true, body: { isAllowed: false } }
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
  'Channels of codes': [
    { call: 'GET /api/v1/channels', from: 'admin' },
    { call: 'POST /api/v1/channel-tests', from: 'admin', body: { channel: 'email' } },
    { call: 'GET /api/v1/channel-tests/{id}', from: 'admin', id: noVerification, own: 'those that one sent' },
    { call: 'POST /api/v1/mail-tests', from: 'admin' }
  ],
  'Receipts, by gateways: signed': [
    { call: 'POST /api/v1/receipts/twilio', from: 'everybody', query: `message=${noId}` },
    { call: 'POST /api/v1/receipts/gateway', from: 'everybody' }
  ],
  'Verifications, for people who work here': [
    { call: 'GET /api/v1/verifications', from: 'operator', query: 'status=expired' },
    { call: 'GET /api/v1/verifications/{id}/course', from: 'operator', id: noVerification }
  ],
  'Insights': [
    { call: 'GET /api/v1/insights', from: 'operator', query: 'from=2026-01-01&to=2026-01-05' },
    { call: 'GET /api/v1/insights/batteries', from: 'operator' },
    { call: 'GET /api/v1/insights/csv', from: 'operator', query: 'chart=use' }
  ],
  'The fraud guard': [
    { call: 'GET /api/v1/guard', from: 'operator' },
    { call: 'GET /api/v1/guard/figures', from: 'operator', query: 'by=day' },
    { call: 'PATCH /api/v1/guard/settings', from: 'admin', asksProof: true, body: { adaptive: true } },
    { call: 'POST /api/v1/guard/blocks/{id}/lift', from: 'operator', body: { reason } }
  ],
  'Settings': [
    { call: 'GET /api/v1/settings', from: 'operator', own: 'operators what they may see elsewhere' },
    { call: 'PATCH /api/v1/settings', from: 'admin', asksProof: true, body: { key: 'guard.adaptive', value: true, before: true } }
  ],
  'The demo page': [
    { call: 'GET /api/v1/demo', from: 'everybody' },
    { call: 'PATCH /api/v1/demo', from: 'admin', asksProof: true, body: { forStrangers: true } },
    { call: 'POST /api/v1/demo/verifications', from: 'everybody', body: { to: 'n@example.org' } },
    { call: 'GET /api/v1/demo/verifications/{id}', from: 'everybody', id: noVerification },
    { call: 'POST /api/v1/demo/verifications/{id}/check', from: 'everybody', id: noVerification, body: { code: '123456' } },
    { call: 'POST /api/v1/demo/verifications/{id}/resend', from: 'everybody', id: noVerification }
  ],
  // The last one: whoever is let in is gone.
  Leaving: [{ call: 'DELETE /api/v1/me', from: 'member', asksProof: true, own: 'oneself; not the last owner' }]
}

/** Under /api, but not in the document: the document itself and its page. */
export const beside: readonly string[] = ['GET /api', 'GET /api/openapi.json', 'GET /api/reference.css']

/** The table's lines, one after the other. */
export const everyPermission: readonly Permission[] = Object.values(permissions).flat()
