import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import type { KeyScope, Role } from '@oncekey/protocol/schemas'
import type { ProblemCode } from '@oncekey/protocol/problems'
import { makeApiKey } from '../api-keys/make.ts'
import { COOKIE } from '../sessions/cookies.ts'
import type { Audience } from '../platform/http.ts'
import { Answered } from './answers.ts'
import { noId, type Permission } from './permissions.ts'
import { quiet, type TestPerson, type World } from './world.ts'

/** What is not about verifications. */
const doorScopes: KeyScope[] = ['metrics', 'record:read', 'access:unlock', 'access:codes']

/** Somebody or something that calls the API. */
export type Caller = {
  name: string
  /** Null for whoever is not signed in. */
  role: Role | null
  /** Null for whoever has no living key. */
  scopes: readonly string[] | null
  headers: () => Record<string, string>
}

/** All kinds of callers that there are: nobody, the four roles, keys, and those who were once let in. */
export async function openCallers (world: World): Promise<Caller[]> {
  const { olga, adam, otto, maya } = world.people
  const signedIn = (name: string, role: Role | null, who: TestPerson): Caller => ({ name, role, scopes: null, headers: () => ({ cookie: `${COOKIE}=${who.cookie}` }) })
  const keyed = (name: string, secret: string, scopes: Caller['scopes']): Caller => ({ name, role: null, scopes, headers: () => ({ authorization: `Bearer ${secret}` }) })
  // Once owners: whatever still let them in would let them do everything.
  const [suspended, removed, signedOut] = await Promise.all(['Sue', 'Remo', 'Otis'].map((name) => newPerson(world, name, 'owner')))
  if (suspended === undefined || removed === undefined || signedOut === undefined) throw new Error('Three people are three.')
  // An owner who could sign in has to stay.
  await world.house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ password_hash: '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo' }).where('id', '=', olga.id).execute() })
  const done = await Promise.all([
    world.call(olga, 'PATCH', `people/${suspended.id}`, { suspended: true }), world.call(olga, 'DELETE', `people/${removed.id}`), world.call(signedOut, 'DELETE', 'sessions/current')
  ])
  assert.deepEqual(done.map((one) => one.status), [200, 200, 204])
  const right = await newKey(world)
  const wrong = await newKey(world)
  const revoked = await newKey(world)
  const doors = await newKey(world)
  await world.house.db.write(async (trx) => {
    await trx.sql.updateTable('api_keys').set({ scopes: 'another' }).where('id', '=', wrong.id).execute()
    await trx.sql.updateTable('api_keys').set({ scopes: doorScopes.join(' ') }).where('id', '=', doors.id).execute()
  })
  // It was used, so the server still had it in memory when it ended.
  const used = await world.call(null, 'GET', `verifications/${'A'.repeat(22)}`, undefined, { authorization: `Bearer ${revoked.secret}` })
  const ended = await world.call(olga, 'DELETE', `api-keys/${revoked.id}`)
  assert.deepEqual([used.refusal, ended.status], ['notFound', 204])
  return [
    { name: 'nobody', role: null, scopes: null, headers: () => ({}) },
    signedIn('a member', 'member', maya), signedIn('an operator', 'operator', otto), signedIn('an admin', 'admin', adam), signedIn('an owner', 'owner', olga),
    signedIn('a suspended owner', null, suspended), signedIn('a removed owner', null, removed), signedIn('an owner who signed out', null, signedOut),
    keyed('a key', right.secret, ['verifications']), keyed('a key for doors', doors.secret, doorScopes), keyed('a key for something else', wrong.secret, ['another']), keyed('a revoked key', revoked.secret, null), keyed('a made-up key', `ok_${'A'.repeat(43)}`, null),
    // A key and a session never stand for each other.
    keyed('an owner\'s session as a key', olga.cookie, null), { name: 'a key as a session', role: null, scopes: null, headers: () => ({ cookie: `${COOKIE}=${right.secret}` }) }
  ]
}

/** One more person at the gym, signed in. */
export async function newPerson (world: World, name: string, role: Role): Promise<TestPerson> {
  const { house, siteId } = world
  const person = { id: house.newId(), name, cookie: '' }
  await house.db.write(async (trx) => {
    await trx.sql.insertInto('people').values({
      id: person.id, site_id: siteId, name, email: `${name.toLowerCase()}@gym.example`, role, password_hash: null, suspended_at: null, removed_at: null, last_seen_at: null, created_at: house.clock()
    }).execute()
  })
  await world.signIn(person)
  return person
}

function newKey (world: World): ReturnType<typeof makeApiKey> {
  const scopes: KeyScope[] = ['verifications']
  return world.house.db.write((trx) => makeApiKey(trx, world.house, { siteId: world.siteId, name: 'Shop', scopes, madeBy: world.people.adam }))
}

const ranks: readonly Role[] = ['member', 'operator', 'admin', 'owner']

/** Why this caller is to be refused what is for `from`; null when they are to be let in. */
export function refusalFor (caller: Caller, from: Audience): ProblemCode | null {
  if (from === 'everybody') return null
  if (from.startsWith('key:')) return caller.scopes === null ? 'apiKeyNeeded' : caller.scopes.some((one) => from === `key:${one}` || (one === 'verifications' && from === 'key:verifications:read')) ? null : 'notAllowed'
  if (caller.role === null) return 'signInNeeded'
  return ranks.indexOf(caller.role) >= ranks.findIndex((one) => one === from) ? null : 'notAllowed'
}

/** What a call may differ in from its line of the table. `meanwhile` happens while a stream is open. */
export type Changes = { id?: string, query?: string, body?: unknown, headers?: Record<string, string>, meanwhile?: () => Promise<void> }

/** Makes a call as the table has it. A stream is ended by signing its reader out. */
export async function send (world: World, { call, id = noId, query, body, text, stays }: Permission, headers: Record<string, string>, changes: Changes = {}): Promise<Answered> {
  const { app } = world.house
  const [method = 'GET', path = '/'] = call.split(' ')
  const payload = 'body' in changes ? changes.body : body ?? text
  const type = text === undefined || 'content-type' in headers ? {} : { 'content-type': 'text/csv' }
  const search = changes.query ?? query
  const url = path.replace('{id}', changes.id ?? id) + (search === undefined ? '' : `?${search}`)
  if (stays === true) return sendToStream(world, url, headers, changes.meanwhile)
  const answer = await app.inject({
    // The table's type says which methods there are.
    method: method as 'GET', url, headers: { ...type, ...headers, ...changes.headers }, ...payload === undefined ? {} : { payload: payload as object }
  })
  return new Answered(answer.statusCode, answer.headers, answer.body)
}

/** Over a real connection: a made-up one has no stream. */
async function sendToStream ({ house: { app } }: World, url: string, headers: Record<string, string>, meanwhile?: () => Promise<void>): Promise<Answered> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  // It listens on TCP, so its address is never a pipe's name.
  const { port } = app.server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}${url}`, { headers, signal: AbortSignal.timeout(10_000) })
  if (answer.ok) {
    await meanwhile?.()
    await quiet()
    await app.inject({ method: 'DELETE', url: '/api/v1/sessions/current', headers })
  }
  return new Answered(answer.status, Object.fromEntries(answer.headers), await answer.text())
}
