import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { PasskeyOptions, PasskeyProof, SignedIn } from '@oncekey/protocol/schemas'
import { openFactors, type Factors } from '../testing/factors.ts'
import { testPasskey, type Bent } from '../testing/passkey.ts'
import { wrong } from '../testing/verifier.ts'
import type { TestPerson } from '../testing/world.ts'

const maya = 'maya@gym.example'
let a: Factors
beforeEach(async () => { a = await openFactors() })
afterEach(async () => { await a.world.close() })

/** Requests of a page at http://localhost: browsers have no passkeys for IP addresses. */
const at = async (who: TestPerson | null, method: 'POST' | 'GET', url: string, payload: object = {}) => a.world.house.app.inject({ method, url: '/api/v1/' + url, headers: { host: 'localhost' }, ...method === 'POST' && { payload }, cookies: who === null ? {} : { oncekey: who.cookie } })

async function addPasskey (who: TestPerson, key = testPasskey(), bent: Bent = {}) {
  const options: PasskeyOptions = (await at(who, 'POST', 'me/passkeys/setup')).json()
  return { key, answer: await at(who, 'POST', 'me/passkeys', key.create(options, 'Phone', bent)) }
}
const ask = async (ticket?: string): Promise<PasskeyOptions> => (await at(null, 'POST', 'passkeys/options', ticket === undefined ? {} : { ticket })).json()
const signIn = (passkey: PasskeyProof) => at(null, 'POST', 'sessions/by-passkey', { passkey })

test('a passkey signs in alone and without a name, once for each question', async () => {
  const { key, answer } = await addPasskey(a.world.people.maya)
  assert.equal(answer.json().recoveryCodes.length, 10)
  const proof = key.get(await ask())
  const first = await signIn(proof)
  assert.equal(first.json<SignedIn>().state, 'signedIn', first.body)
  assert.equal(first.json().me.name, 'Maya')
  assert.equal((await signIn(proof)).json().code, 'passkeyRefused', 'the same answer again')
  const mine = (await at({ ...a.world.people.maya, cookie: first.cookies[0]?.value ?? '' }, 'GET', 'me/factors')).json()
  assert.deepEqual(mine.passkeys.map((one: { name: string }) => one.name), ['Phone'])
  assert.deepEqual([mine.passkeysPossible, mine.provesBy], [true, ['passkey', 'recoveryCode']])
})

test('the first passkey signs its owner out everywhere else', async () => {
  const { maya: who } = a.world.people
  const elsewhere = { ...who }
  await a.world.signIn(elsewhere)
  await addPasskey(who)
  assert.deepEqual([(await a.world.call(elsewhere, 'GET', 'me')).status, (await a.world.call(who, 'GET', 'me')).status], [401, 200])
  assert.equal((await a.world.record('session.ended')).at(-1)?.details['sessions'], 1)
})

test('the same answer with its ticket written in another way is the same answer', async () => {
  const { key } = await addPasskey(a.world.people.maya, testPasskey(), { counter: 0 })
  // A passkey that goes along to other devices counts nothing: only the ticket tells that an answer was used.
  const proof = key.get(await ask(), { counter: 0 })
  assert.equal((await signIn(proof)).statusCode, 200)
  for (const ticket of [`${proof.ticket}.`, `${proof.ticket}.x`]) assert.equal((await signIn({ ...proof, ticket })).json().code, 'passkeyRefused', ticket)
})

test('one answer at 30 places at the same moment is one session', async () => {
  const { key } = await addPasskey(a.world.people.maya)
  const proof = key.get(await ask())
  const answers = await Promise.all(Array.from({ length: 30 }, () => signIn(proof)))
  assert.equal(answers.filter((one) => one.statusCode === 200).length, 1)
})

test('with a passkey the password is half of a sign-in', async () => {
  const { key } = await addPasskey(a.world.people.maya)
  const ticket = await a.halfWay(maya)
  const second = (passkey: PasskeyProof) => at(null, 'POST', 'sessions/second-factor', { ticket, proof: { passkey } })
  const stranger = testPasskey()
  assert.deepEqual((await second({ ...stranger.get(await ask(ticket)), ticket: (await ask(ticket)).ticket })).json(), { granted: false, triesLeft: 4 })
  assert.deepEqual((await second(key.get(await ask()))).json(), { granted: false, triesLeft: 3 }, 'an answer to another question')
  // A key without a PIN is a second factor, and no first one.
  assert.equal((await second(key.get(await ask(ticket), { verifiesUser: false }))).json().granted, true)
  assert.equal((await signIn(key.get(await ask(), { verifiesUser: false }))).json().code, 'passkeyRefused')
})

test('answers for another site, by another key, of a copied key, with another\'s handle: refused', async () => {
  const { key } = await addPasskey(a.world.people.maya)
  const bents: Bent[] = [{ origin: 'https://evil.example' }, { origin: 'http://localhost:81' }, { host: 'evil.example' }, { userHandle: Buffer.from(a.world.people.olga.id).toString('base64url') }]
  for (const bent of bents) assert.equal((await signIn(key.get(await ask(), bent))).json().code, 'passkeyRefused', JSON.stringify(bent))
  const right = key.get(await ask())
  assert.equal((await signIn({ ...right, assertion: { ...right.assertion, response: { ...right.assertion.response, signature: testPasskey().get(await ask()).assertion.response.signature } } })).json().code, 'passkeyRefused')
  assert.equal((await signIn(key.get(await ask()))).statusCode, 200)
  assert.equal((await signIn(key.get(await ask(), { counter: 1 }))).json().code, 'passkeyRefused', 'its counter went back')
  a.world.house.wait(1)
  const late = key.get(await ask())
  a.world.house.wait(300_000)
  assert.equal((await signIn(late)).json().code, 'passkeyRefused', 'after five minutes')
})

test('passkeys of another page or person are not added; one that is here already is said so', async () => {
  const { otto, maya: who } = a.world.people
  for (const bent of [{ origin: 'https://evil.example' }, { host: 'evil.example' }]) assert.equal((await addPasskey(who, testPasskey(), bent)).answer.json().code, 'passkeyRefused')
  const options: PasskeyOptions = (await at(otto, 'POST', 'me/passkeys/setup')).json()
  assert.equal((await at(who, 'POST', 'me/passkeys', testPasskey().create(options))).json().code, 'setupOver')
  const { key } = await addPasskey(who)
  assert.equal((await addPasskey(otto, key)).answer.json().code, 'alreadyExists')
})

test('a page that was opened by an IP address, or without TLS by a name, is told that passkeys do not work there', async () => {
  for (const host of ['192.168.1.5:8080', '127.0.0.1', '[::1]', 'locker.example']) {
    const answer = await a.world.house.app.inject({ method: 'POST', url: '/api/v1/passkeys/options', headers: { host }, payload: {} })
    assert.equal(answer.json().code, 'passkeysNeedName', host)
  }
})

test('when all tries at the password and the authenticator are used up, a passkey still signs in', async () => {
  const { world } = a
  const { code } = await a.addTotp(world.people.maya)
  const { key } = await addPasskey(world.people.maya)
  for (let round = 0; round < 4; round++) {
    const ticket = await a.halfWay(maya)
    for (let i = 1; i <= 5; i++) await a.second(ticket, { totp: wrong(code(), i) })
    world.house.wait(1_300_000)
  }
  for (let i = 0; i < 40; i++) {
    await a.post('sessions', { login: maya, password: 'wrong' })
    world.house.wait(120_000)
  }
  assert.equal((await a.post('sessions', { login: maya, password: 'wrong' })).code, 'tooManyTries')
  assert.equal((await signIn(key.get(await ask()))).statusCode, 200)
})

test('renaming, proving and removing', async () => {
  const { maya: who } = a.world.people
  const { key } = await addPasskey(who)
  const [{ id }] = (await at(who, 'GET', 'me/factors')).json().passkeys
  assert.equal((await a.world.call(who, 'PATCH', `me/passkeys/${id}`, { name: 'Key ring' })).status, 204)
  a.world.house.wait(900_000)
  assert.equal((await a.world.call(who, 'DELETE', `me/passkeys/${id}`)).refusal, 'proofNeeded')
  const options: PasskeyOptions = (await at(who, 'POST', 'me/proof/passkey-options')).json()
  const proven = await at(who, 'POST', 'me/proof', { proof: { passkey: key.get(options) } })
  assert.equal(proven.json().granted, true)
  who.cookie = proven.cookies[0]?.value ?? ''
  assert.equal((await a.world.call(who, 'DELETE', `me/passkeys/${id}`)).status, 204)
  assert.equal((await signIn(key.get(await ask()))).json().code, 'passkeyRefused')
  const told = (await a.world.call(who, 'GET', 'me/inbox')).body.messages.map((one) => one.text ?? '')
  assert.ok(told.some((text) => text.includes('passkey was added')) && told.some((text) => text.includes('passkey was taken off')))
})

test('strangers who fail at passwords in the same network leave passkeys open', async () => {
  const { key } = await addPasskey(a.world.people.maya)
  for (let i = 0; i < 51; i++) await a.post('sessions', { login: `x${i}@gym.example`, password: 'wrong' }, { address: '127.0.0.1', ...a.solved() })
  assert.equal((await a.post('sessions', { login: 'x@gym.example', password: 'wrong' }, { address: '127.0.0.1', ...a.solved() })).code, 'tooManyTries')
  assert.equal((await signIn(key.get(await ask()))).statusCode, 200)
})
