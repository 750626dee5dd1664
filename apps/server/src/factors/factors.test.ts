import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Proof, SignedIn } from '@oncekey/protocol/schemas'
import { PASSWORD } from '../testing/accounts.ts'
import { openFactors, type Factors } from '../testing/factors.ts'
import { wrong } from '../testing/verifier.ts'

const NEW = 'seven brown herons'
const maya = 'maya@gym.example'
let a: Factors
beforeEach(async () => { a = await openFactors() })
afterEach(async () => { await a.world.close() })

const seen = async (cookie: string | null): Promise<number> => (await a.world.house.app.inject({ url: '/api/v1/me', cookies: { oncekey: cookie ?? '' } })).statusCode

test('with an authenticator the password is half of a sign-in, and its code the other', async () => {
  const { code, codes } = await a.addTotp(a.world.people.maya)
  assert.equal(codes.length, 10)
  const ticket = await a.halfWay(maya)
  assert.deepEqual((await a.second(ticket, { totp: wrong(code(), 1) })).body, { granted: false, triesLeft: 4 })
  const { body, cookie } = await a.second(ticket, { totp: ` ${code().slice(0, 3)} ${code().slice(3)}` })
  assert.ok(body.granted && body.signIn.state === 'signedIn' && body.signIn.me.name === 'Maya')
  assert.equal(await seen(cookie), 200)
  assert.deepEqual((await a.world.record('session.started')).at(-1)?.details, { address: (await a.world.record('session.started')).at(-1)?.details['address'], by: 'password', second: 'totp' })
  assert.deepEqual((await a.second(ticket, { totp: code() })).body, { granted: false, triesLeft: 0 }, 'the ticket is used')
})

test('a code of an authenticator lets in once, whoever saw it: of nine sign-ins at that moment one', async () => {
  const { code } = await a.addTotp(a.world.people.maya)
  const tickets = await Promise.all(Array.from({ length: 9 }, () => a.halfWay(maya)))
  const answers = await Promise.all(tickets.map((ticket) => a.second(ticket, { totp: code() })))
  assert.equal(answers.filter((one) => one.status === 200 && one.body.granted).length, 1)
})

test('the code that added an authenticator does not sign in as well', async () => {
  const { maya: who } = a.world.people
  const { code } = await a.addTotp(who)
  a.world.house.wait(-30_000)
  assert.deepEqual((await a.second(await a.halfWay(maya), { totp: code() })).body, { granted: false, triesLeft: 4 })
})

test('a recovery code stands in once; six at the same moment are one, and its owner is told', async () => {
  const { codes } = await a.addTotp(a.world.people.maya)
  const [first = '', second = ''] = codes
  const tickets = await Promise.all(Array.from({ length: 6 }, () => a.halfWay(maya)))
  const answers = await Promise.all(tickets.map((ticket) => a.second(ticket, { recoveryCode: first.toLowerCase().replaceAll('-', ' ') })))
  assert.equal(answers.filter((one) => one.status === 200 && one.body.granted).length, 1)
  assert.equal((await a.second(await a.halfWay(maya), { recoveryCode: first })).body.granted, false)
  const cookie = (await a.second(await a.halfWay(maya), { recoveryCode: second })).cookie ?? ''
  const who = { ...a.world.people.maya, cookie }
  assert.equal((await a.world.call(who, 'GET', 'me/factors')).body.recoveryCodesLeft, 8)
  assert.ok((await a.world.call(who, 'GET', 'me/inbox')).body.messages.some((one) => one.text?.includes('recovery code was used') === true))
  const rows = JSON.stringify(await a.world.house.rows('SELECT * FROM recovery_codes'))
  assert.ok(codes.every((one) => !rows.includes(one)), 'only hashes are kept')
})

test('20 wrong codes of an authenticator in a day, however often the password was right, over a restart; recovery codes and passkeys stay open', async () => {
  const { code, codes } = await a.addTotp(a.world.people.maya)
  let compared = 0
  for (let round = 0; round < 12 && compared < 20; round++) {
    const ticket = await a.halfWay(maya)
    for (let i = 1; i <= 5; i++) {
      const { status } = await a.second(ticket, { totp: wrong(code(), i) })
      if (status === 200) compared++
      else assert.equal(status, 429)
    }
    a.world.house.wait(1_300_000)
  }
  assert.equal(compared, 20)
  await a.world.restart()
  const ticket = await a.halfWay(maya)
  assert.equal((await a.second(ticket, { totp: code() })).code, 'tooManyTries')
  assert.equal((await a.second(ticket, { recoveryCode: codes[0] ?? '' })).body.granted, true)
  a.world.house.wait(86_400_000)
  assert.equal((await a.second(await a.halfWay(maya), { totp: code() })).body.granted, true)
})

test('five wrong second factors end the sign-in, ten minutes do, and so do a suspension, a new password and a sign-out of everywhere', async () => {
  const { world } = a
  const { code } = await a.addTotp(world.people.maya)
  const over = { granted: false, triesLeft: 0 }
  let ticket = await a.halfWay(maya)
  for (let i = 1; i <= 5; i++) await a.second(ticket, { totp: wrong(code(), i) })
  assert.deepEqual((await a.second(ticket, { totp: code() })).body, over)
  ticket = await a.halfWay(maya)
  world.house.wait(600_000)
  assert.deepEqual((await a.second(ticket, { totp: code() })).body, over)
  const ends = async (what: () => Promise<unknown>): Promise<void> => {
    const waiting = await a.halfWay(maya)
    await what()
    assert.deepEqual((await a.second(waiting, { totp: code() })).body, over)
  }
  await ends(() => world.call(world.people.olga, 'POST', `people/${world.people.maya.id}/sign-out`))
  await ends(async () => {
    await world.call(world.people.olga, 'PATCH', `people/${world.people.maya.id}`, { suspended: true })
    await world.call(world.people.olga, 'PATCH', `people/${world.people.maya.id}`, { suspended: false })
  })
  assert.deepEqual((await a.second('A'.repeat(43), { totp: code() })).body, over, 'a made-up ticket reads the same')
})

test('the second factor survives a recovery by mail, a sign-in by mail and an operator\'s reset', async () => {
  const { world } = a
  const { code } = await a.addTotp(world.people.maya)
  const started = await a.start('recoveries', { login: maya })
  const recovered = await a.confirm('recoveries/confirm', { challenge: started.body.challenge, code: await a.digits(started.body.challenge), password: NEW })
  assert.ok(recovered.body.granted && recovered.body.signIn.state === 'secondFactor')
  assert.equal(recovered.cookie, null)
  world.house.wait(31_000)
  const mailed = await a.start('sign-in-codes', { login: maya })
  const byMail = await a.confirm('sessions/by-code', { challenge: mailed.body.challenge, code: await a.digits(mailed.body.challenge) })
  assert.ok(byMail.body.granted && byMail.body.signIn.state === 'secondFactor')
  assert.equal((await a.second(byMail.body.signIn.ticket, { totp: code() })).body.granted, true)
  await world.call(world.people.olga, 'POST', `people/${world.people.maya.id}/reset-password`)
  const accepted = await a.post<SignedIn>('invitations/accept', { token: await a.invitation(maya), password: PASSWORD })
  assert.equal(accepted.body.state, 'secondFactor')
  assert.equal(accepted.cookie, null)
})

test('a remembered browser is not asked for 30 days, its cookie outlives the browser, and another password forgets it', async () => {
  const { world } = a
  const { code } = await a.addTotp(world.people.maya)
  const ticket = await a.halfWay(maya)
  const answer = await world.house.app.inject({ method: 'POST', url: '/api/v1/sessions/second-factor', payload: { ticket, proof: { totp: code() }, remember: true } })
  const [session, browser] = ['oncekey', 'oncekey-browser'].map((name) => answer.cookies.find((one) => one.name === name))
  assert.equal(session?.maxAge, 30 * 86_400)
  const cookies = { 'oncekey-browser': browser?.value ?? '' }
  const again = await a.post<SignedIn>('sessions', { login: maya, password: PASSWORD }, { cookies })
  assert.equal(again.body.state, 'signedIn')
  assert.equal((await a.post<SignedIn>('sessions', { login: 'olga@gym.example', password: PASSWORD }, { cookies })).body.state, 'signedIn', 'she has no second factor')
  world.house.wait(29 * 86_400_000)
  assert.equal((await a.post<SignedIn>('sessions', { login: maya, password: PASSWORD }, { cookies })).body.state, 'signedIn')
  world.house.wait(86_400_000)
  await a.halfWay(maya, { cookies })
  a.nextStep()
  const renewed = await a.second(await a.halfWay(maya, { cookies }), { totp: code() }, { remember: true, cookies })
  assert.equal((await a.post<SignedIn>('sessions', { login: maya, password: PASSWORD }, { cookies })).body.state, 'signedIn')
  const elsewhere = { ...world.people.maya, cookie: renewed.cookie ?? '' }
  assert.equal((await world.call(elsewhere, 'POST', 'me/password', { current: PASSWORD, password: NEW })).status, 200)
  assert.equal((await a.post<SignedIn>('sessions', { login: maya, password: NEW }, { cookies })).body.state, 'secondFactor')
})

test('without "remember" the cookie ends with the browser; with it the session lives on for a week without use', async () => {
  const { world } = a
  const signIn = async (remember: boolean) => (await world.house.app.inject({ method: 'POST', url: '/api/v1/sessions', payload: { login: maya, password: PASSWORD, remember } })).cookies.find((one) => one.name === 'oncekey')
  const [short, long] = [await signIn(false), await signIn(true)]
  assert.equal(short?.maxAge, undefined)
  assert.equal(short?.expires, undefined)
  assert.equal(long?.maxAge, 30 * 86_400)
  world.house.wait(3_600_000)
  assert.equal(await seen(short?.value ?? ''), 401)
  world.house.wait(6 * 86_400_000)
  assert.equal(await seen(long?.value ?? ''), 200)
  world.house.wait(7 * 86_400_000)
  assert.equal(await seen(long?.value ?? ''), 401)
})

test('a proof renews a session and its cookie; with a second factor the password is none', async () => {
  const { world } = a
  const { maya: who } = world.people
  const prove = (proof: Proof) => world.house.app.inject({ method: 'POST', url: '/api/v1/me/proof', cookies: { oncekey: who.cookie }, payload: { proof } })
  world.house.wait(900_000)
  assert.equal((await world.call(who, 'POST', 'me/totp/setup')).refusal, 'proofNeeded')
  assert.deepEqual((await prove({ password: 'a guess' })).json(), { granted: false, triesLeft: 1 })
  assert.deepEqual(await world.record('session.refused'), [], 'nobody tried to sign in')
  const [refused] = await world.record('session.proofRefused')
  assert.deepEqual([refused?.actor?.name, refused?.subject?.name, refused?.details['proof']], ['Maya', 'Maya', 'password'])
  const proven = await prove({ password: PASSWORD })
  assert.equal(proven.json().granted, true)
  const fresh = proven.cookies.find((one) => one.name === 'oncekey')
  assert.equal(fresh?.maxAge, undefined)
  assert.equal(await seen(who.cookie), 401, 'whoever read the earlier cookie has nothing')
  who.cookie = fresh?.value ?? ''
  const { code } = await a.addTotp(who)
  world.house.wait(900_000)
  assert.equal((await prove({ password: PASSWORD })).json().code, 'badRequest')
  const byCode = await prove({ totp: code() })
  assert.equal(byCode.json().granted, true)
  who.cookie = byCode.cookies.find((one) => one.name === 'oncekey')?.value ?? ''
  assert.equal((await world.call(who, 'DELETE', 'me/totp')).status, 204)
  assert.deepEqual((await world.call(who, 'GET', 'me/factors')).body.recoveryCodesLeft, 0, 'alone they would be a way in of their own')
})

test('a proof is no way to guess a password: ten, then a pause', async () => {
  const guess = () => a.world.call(a.world.people.maya, 'POST', 'me/proof', { proof: { password: 'guess' } })
  const said = await Promise.all(Array.from({ length: 40 }, guess))
  assert.equal(said.filter((one) => one.status === 200).length, 10)
})

test('an administrator takes second factors away from whoever lost them, and they are told', async () => {
  const { world } = a
  await a.addTotp(world.people.maya)
  const answer = await world.call(world.people.adam, 'DELETE', `people/${world.people.maya.id}/second-factors`)
  assert.deepEqual(JSON.parse(answer.said.slice(4)), { sessions: 1, factors: 1 })
  const again = await a.post<SignedIn>('sessions', { login: maya, password: PASSWORD })
  assert.equal(again.body.state, 'signedIn')
  const messages = (await world.call({ ...world.people.maya, cookie: again.cookie ?? '' }, 'GET', 'me/inbox')).body.messages
  assert.ok(messages.some((one) => one.text?.includes('taken off your account by an administrator') === true))
})

test('set-ups: somebody else\'s, a late one and a used one add nothing; the secret is sealed', async () => {
  const { world } = a
  const { code } = await a.addTotp(world.people.otto)
  const setUp = (await world.call(world.people.otto, 'POST', 'me/totp/setup')).body
  assert.equal((await world.call(world.people.maya, 'POST', 'me/totp', { ticket: setUp.ticket, code: code() })).refusal, 'setupOver')
  const late = (await world.call(world.people.maya, 'POST', 'me/totp/setup')).body
  world.house.wait(600_000)
  assert.equal((await world.call(world.people.maya, 'POST', 'me/totp', { ticket: late.ticket, code: '000000' })).refusal, 'setupOver')
  assert.ok(!JSON.stringify(await world.house.rows('SELECT * FROM authenticators')).includes(setUp.secret))
  assert.deepEqual((await world.record('person.changed')).filter((row) => row.details['secondFactor'] !== undefined).map((row) => row.details['secondFactor']), ['authenticator added'])
})

test('a remembered browser does without the second factor for looking, not for what is dangerous', async () => {
  const { maya } = a.world.people
  const { code } = await a.addTotp(maya)
  const first = await a.second(await a.halfWay('maya@gym.example'), { totp: code() }, { remember: true })
  a.nextStep()
  const again = await a.post<SignedIn>('sessions', { login: 'maya@gym.example', password: PASSWORD }, { cookies: { 'oncekey-browser': first.device ?? '' } })
  assert.equal(again.body.state, 'signedIn')
  const here = { ...maya, cookie: again.cookie ?? '' }
  assert.equal((await a.world.call(here, 'GET', 'me')).status, 200)
  assert.equal((await a.world.call(here, 'DELETE', 'me/totp')).refusal, 'proofNeeded')
  assert.equal((await a.world.call(here, 'POST', 'me/proof', { proof: { totp: code() } })).status, 200)
})

test('a remembered browser is asked after 30 days, however often it was used to sign in', async () => {
  const { code } = await a.addTotp(a.world.people.maya)
  const first = await a.second(await a.halfWay(maya), { totp: code() }, { remember: true })
  const signIn = () => a.post<SignedIn>('sessions', { login: maya, password: PASSWORD, remember: true }, { cookies: { 'oncekey-browser': first.device ?? '' } })
  a.world.house.wait(20 * 86_400_000)
  assert.equal((await signIn()).body.state, 'signedIn')
  a.world.house.wait(20 * 86_400_000)
  assert.equal((await signIn()).body.state, 'secondFactor')
})

test('whoever came in by the password before there was a second factor is signed out by the first, on record and told, and asked for it', async () => {
  const { world } = a
  const thief = await a.post<SignedIn>('sessions', { login: maya, password: PASSWORD, remember: true })
  assert.equal(await seen(thief.cookie ?? ''), 200)
  const { code } = await a.addTotp(world.people.maya)
  assert.equal(await seen(thief.cookie ?? ''), 401)
  assert.equal(await seen(world.people.maya.cookie), 200, 'where it was added stays signed in')
  const [row] = (await world.record('session.ended')).slice(-1)
  assert.deepEqual([row?.actor?.name, row?.subject?.name, row?.details['sessions']], ['Maya', 'Maya', 1])
  const told = async () => (await world.call(world.people.maya, 'GET', 'me/inbox')).body.messages[0]?.text ?? ''
  assert.match(await told(), /signed out everywhere else \(1\)/)
  // Who comes in by it is trusted: another authenticator in its place ends nothing.
  const second = await a.second(await a.halfWay(maya), { totp: code() })
  await a.addTotp(world.people.maya)
  assert.equal(await seen(second.cookie ?? ''), 200)
  assert.ok(!(await told()).includes('signed out everywhere'))
  assert.equal((await a.post<SignedIn>('sessions', { login: maya, password: PASSWORD }, { cookies: { 'oncekey-browser': thief.device ?? '' } })).body.state, 'secondFactor')
})

test('whoever was suspended is asked for the second factor in browsers that were remembered', async () => {
  const { otto, maya: { id } } = a.world.people
  const { code } = await a.addTotp(a.world.people.maya)
  const first = await a.second(await a.halfWay(maya), { totp: code() }, { remember: true })
  for (const suspended of [true, false]) assert.equal((await a.world.call(otto, 'PATCH', `people/${id}`, { suspended })).status, 200)
  assert.equal((await a.post<SignedIn>('sessions', { login: maya, password: PASSWORD }, { cookies: { 'oncekey-browser': first.device ?? '' } })).body.state, 'secondFactor')
})

test('strangers who use up the tries at a password keep nobody from a proof, nor from another password', async () => {
  const { otto } = a.world.people
  for (let i = 0; i < 10; i++) await a.post('sessions', { login: 'otto@gym.example', password: 'wrong' })
  assert.equal((await a.world.call(otto, 'POST', 'me/password', { current: PASSWORD, password: NEW })).status, 200)
  assert.equal((await a.world.call(otto, 'POST', 'me/proof', { proof: { password: NEW } })).body.granted, true)
})

test('who knows the password alone shuts no known browser, and nobody who is signed in, by wrong second factors', async () => {
  const { code, codes } = await a.addTotp(a.world.people.maya)
  const known = await a.second(await a.halfWay(maya), { totp: code() })
  const cookies = { 'oncekey-browser': known.device ?? '' }
  for (const proof of [{ totp: wrong(code(), 1) }, { recoveryCode: 'AAAAA-AAAAA-AAAAA' }]) {
    for (let i = 0; i < 2; i++) {
      const ticket = await a.halfWay(maya)
      for (let j = 0; j < 5; j++) await a.second(ticket, proof)
    }
    assert.equal((await a.second(await a.halfWay(maya), proof)).code, 'tooManyTries')
  }
  a.nextStep()
  assert.equal((await a.second(await a.halfWay(maya, { cookies }), { totp: code() }, { cookies })).body.granted, true)
  assert.equal((await a.second(await a.halfWay(maya, { cookies }), { recoveryCode: codes[0] ?? '' }, { cookies })).body.granted, true)
  a.nextStep()
  assert.equal((await a.world.call(a.world.people.maya, 'POST', 'me/proof', { proof: { totp: code() } })).body.granted, true)
})
