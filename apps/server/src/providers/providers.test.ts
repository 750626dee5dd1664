import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Me } from '@oncekey/protocol/schemas'
import { openVisits, redirectAddress, type Visitor, type Visits } from '../testing/visits.ts'

let v: Visits
const open = async (t: TestContext, options: Parameters<typeof openVisits>[0]): Promise<void> => {
  v = await openVisits(options)
  t.after(async () => {
    await v.world.close()
    await v.provider.close()
  })
}

const mayas = { email: 'Maya@Gym.example', email_verified: true, name: 'Maya there' }
const identities = () => v.world.house.rows('SELECT issuer, subject, person_id FROM provider_identities')
const letters = async (email: string): Promise<string[]> => (await v.world.house.rows('SELECT text FROM outbox WHERE lower(recipient) = lower(?) ORDER BY created_at, id', email)).map((row) => String(row['text']))
const allow = (who: string, domains: string[] = []) => v.world.call(v.world.people.adam, 'PATCH', 'registration-policy', { who, domains })
const me = async ({ cookies }: Visitor): Promise<Me | null> => (await v.world.house.app.inject({ url: '/api/v1/setup', cookies })).json().me
const asMe = ({ cookies }: Visitor) => ({ id: '', name: '', cookie: cookies['oncekey'] ?? '' })

test('the whole way: the button, the provider, back, signed in as whoever has that address; the second time without it', async (t) => {
  await open(t, { accounts: { m1: mayas } })
  const { house, people } = v.world
  assert.deepEqual((await house.app.inject('/api/v1/setup')).json().provider, { name: 'House of names', start: 'http://localhost:8080/api/v1/providers/oidc/start' })
  const maya = v.visitor()
  const started = await maya.get('/api/v1/providers/oidc/start?next=%2Faccess%3Fx%3D1')
  assert.equal(started.status, 302)
  const asked = started.url.searchParams
  assert.deepEqual([started.url.origin, asked.get('redirect_uri'), asked.get('response_type'), asked.get('client_id'), asked.get('scope'), asked.get('code_challenge_method')], [v.provider.issuer, redirectAddress, 'code', 'oncekey', 'openid email profile', 'S256'])
  for (const name of ['state', 'nonce', 'code_challenge']) assert.match(asked.get(name) ?? '', /^[\w-]{43}$/)
  // The verifier and the way back stay here, sealed.
  assert.deepEqual([...asked.keys()].sort(), ['client_id', 'code_challenge', 'code_challenge_method', 'nonce', 'redirect_uri', 'response_type', 'scope', 'state'])
  const cookie = (await house.app.inject('/api/v1/providers/oidc/start')).headers['set-cookie']
  assert.match(String(cookie), /^oncekey-provider=[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/)

  const back = await maya.get(await maya.walker.walk(started.location, 'm1'), { crossSite: true })
  assert.deepEqual([back.status, back.location], [302, 'http://localhost:8080/access?x=1'])
  assert.equal(maya.cookies['oncekey-provider'], undefined, 'gone')
  assert.equal((await me(maya))?.id, people.maya.id)
  assert.equal((await me(maya))?.name, 'Maya', 'our own name for her stays')
  assert.deepEqual((await identities()).map((row) => ({ ...row })), [{ issuer: `${v.provider.issuer}/`, subject: 'm1', person_id: people.maya.id }])
  assert.match((await letters('maya@gym.example'))[0] ?? '', /you can sign in to Oncekey by your account at 127\.0\.0\.1/)
  const [linked] = (await v.world.record('person.changed')).filter((row) => row.subject?.id === people.maya.id)
  assert.deepEqual(linked?.details, { provider: 'linked', issuer: `${v.provider.issuer}/` })
  assert.equal((await v.world.record('session.started')).at(-1)?.details['by'], 'provider')

  // Now it is who they are there that counts, and not what address they have there.
  v.provider.accounts['m1'] = { email: 'olga@gym.example', email_verified: true }
  const again = v.visitor()
  assert.equal((await again.signIn('m1')).location, 'http://localhost:8080/')
  assert.equal((await me(again))?.id, people.maya.id)
  assert.equal((await letters('maya@gym.example')).length, 1)
})

test('an address that the provider does not vouch for is nobody\'s: not linked, not registered', async (t) => {
  await open(t, { accounts: { a: { email: 'maya@gym.example', email_verified: false }, b: { email: 'maya@gym.example' }, c: {}, d: { email: 'not an address', email_verified: true }, e: { email: 'maya@gym.example', email_verified: 'true' as never } } })
  await allow('everybody')
  for (const account of Object.keys(v.provider.accounts)) {
    const visitor = v.visitor()
    assert.equal((await visitor.signIn(account, '?next=/me')).location, 'http://localhost:8080/sign-in?provider=unverified&next=%2Fme', account)
    assert.equal(await me(visitor), null)
  }
  assert.deepEqual(await identities(), [])
})

test('whoever nobody knows is registered as the policy says: by invitation nobody, by domain some, else everybody', async (t) => {
  await open(t, { userinfoOnly: true, accounts: { nia: { email: 'nia@example.org', email_verified: true, name: '  Nia Novak ' }, ned: { email: 'ned@elsewhere.example', email_verified: true, name: 'N\u202eed' } } })
  assert.equal((await v.visitor().signIn('nia')).location, 'http://localhost:8080/sign-in?provider=unknown')
  await allow('domains', ['example.org'])
  assert.equal((await v.visitor().signIn('ned')).url.searchParams.get('provider'), 'unknown')
  const nia = v.visitor()
  assert.equal((await nia.signIn('nia')).location, 'http://localhost:8080/')
  assert.deepEqual([(await me(nia))?.name, (await me(nia))?.role], ['Nia Novak', 'member'])
  assert.deepEqual((await v.world.record('person.added')).at(-1)?.details, { role: 'member', email: 'nia@example.org', invited: false })
  await allow('everybody')
  const ned = v.visitor()
  await ned.signIn('ned')
  assert.equal((await me(ned))?.name, 'ned', 'a name that nobody can read is none')
})

test('without a password, and not invited: shown as active, may have a code mailed, and sets a password', async (t) => {
  await open(t, { accounts: { nia: { email: 'nia@example.org', email_verified: true, name: 'Nia' } } })
  await allow('everybody')
  const nia = v.visitor()
  await nia.signIn('nia')
  const { house, people, call } = { house: v.world.house, people: v.world.people, call: v.world.call.bind(v.world) }
  const row = (await call(people.adam, 'GET', 'people')).body.people.find((one) => one.email === 'nia@example.org')
  assert.equal(row?.state, 'active')
  const { body } = await v.start('sign-in-codes', { login: 'nia@example.org' })
  assert.match(await v.digits(body.challenge), /^\d{6}$/)
  // Whoever changes the address of somebody who can sign in sends no invitation after it.
  assert.equal((await call(people.adam, 'PATCH', `people/${row?.id}`, { email: 'nia@new.example' })).status, 200)
  assert.deepEqual(await house.rows('SELECT 1 AS x FROM invitations'), [])

  // The provider did not say when she proved who she is: that counts as too long ago.
  const password = 'seven green lamps'
  assert.equal((await call(asMe(nia), 'POST', 'me/password', { password })).refusal, 'proofNeeded')
  assert.deepEqual((await call(asMe(nia), 'GET', 'me/factors')).body.provesBy, ['provider'])
  const asked = nia.walker.asked
  assert.equal((await nia.signIn('nia', '?prove=1&next=/me')).location, 'http://localhost:8080/me')
  assert.equal(nia.walker.asked, asked + 1, 'it asked her, though it knew her')
  assert.equal((await call(asMe(nia), 'POST', 'me/password', { password })).status, 200)
  assert.equal((await v.post('sessions', { login: 'nia@new.example', password })).status, 200)
  assert.equal((await call(asMe(nia), 'POST', 'me/password', { password: 'nine copper kettles' })).refusal, 'passwordWrong', 'the next one needs this one')
  assert.deepEqual((await call(asMe(nia), 'GET', 'me/factors')).body.provesBy, ['password', 'provider'])
})

test('a proof is only for the same person, in the same session, and a new one', async (t) => {
  await open(t, { accounts: { m1: mayas, olga: { email: 'olga@gym.example', email_verified: true } } })
  const maya = v.visitor()
  await maya.signIn('m1')
  const isProven = async (): Promise<boolean> => (await v.world.call(asMe(maya), 'POST', 'me/totp/setup')).status === 200
  assert.equal(await isProven(), false)
  // Somebody else's account there.
  const { walker } = maya
  maya.walker = v.visitor().walker
  assert.equal((await maya.signIn('olga', '?prove=1&next=/me')).location, 'http://localhost:8080/me?provider=other')
  assert.equal(await isProven(), false)
  maya.walker = walker
  // Signed out meanwhile, or somebody else by now.
  const back = await maya.walker.walk(await maya.start('?prove=1&next=/me?x=1'), 'm1')
  const session = maya.cookies['oncekey'] ?? ''
  maya.cookies['oncekey'] = v.world.people.olga.cookie
  assert.equal((await maya.get(back)).location, 'http://localhost:8080/me?x=1&provider=over')
  maya.cookies['oncekey'] = session
  // An answer without a new sign-in: the question for it was taken out on the way.
  const without = new URL(await maya.start('?prove=1&next=/me'))
  for (const name of ['prompt', 'max_age']) without.searchParams.delete(name)
  assert.equal((await maya.get(await maya.walker.walk(without.href, 'm1'))).location, 'http://localhost:8080/me?provider=failed')
  assert.equal(await isProven(), false)
  assert.equal((await maya.signIn('m1', '?prove=1&next=/me')).location, 'http://localhost:8080/me')
  assert.notEqual(maya.cookies['oncekey'], session, 'another token')
  assert.equal(await isProven(), true)
  // Nobody is signed in: an ordinary sign-in.
  assert.equal((await v.visitor().signIn('m1', '?prove=1')).location, 'http://localhost:8080/')
})

test('the second factor is asked for as ever, unless the browser is remembered; it proves the session', async (t) => {
  await open(t, { accounts: { m1: mayas } })
  const { people } = v.world
  const { code } = await v.addTotp(people.maya)
  const maya = v.visitor()
  const half = await maya.signIn('m1', '?next=/access')
  assert.equal(maya.cookies['oncekey'], undefined)
  assert.deepEqual([half.url.pathname, half.url.search], ['/sign-in', '?next=%2Faccess'])
  const behind = new URLSearchParams(half.url.hash.slice(1))
  assert.equal(behind.get('ways'), 'totp recoveryCode')
  assert.ok(Number(behind.get('until')) > v.world.house.clock())
  const ticket = behind.get('second') ?? ''
  const answer = await v.world.house.app.inject({ method: 'POST', url: '/api/v1/sessions/second-factor', payload: { ticket, proof: { totp: code() }, remember: true } })
  assert.equal(answer.json().granted, true, answer.body)
  for (const { name, value } of answer.cookies) maya.cookies[name] = value
  assert.equal((await v.world.call(asMe(maya), 'POST', 'me/recovery-codes')).status, 200, 'proven by it')
  // Who has a second factor proves by that.
  assert.equal((await maya.signIn('m1', '?prove=1&next=/me')).location, 'http://localhost:8080/me?provider=failed')
  assert.deepEqual((await v.world.call(asMe(maya), 'GET', 'me/factors')).body.provesBy, ['totp', 'recoveryCode'])
  // A browser that is remembered is known although its mark does not come back from another site.
  delete maya.cookies['oncekey']
  assert.equal((await maya.signIn('m1', '?next=/access')).location, 'http://localhost:8080/access')
  assert.equal((await v.world.call(asMe(maya), 'GET', 'me/factors')).body.browsers.length, 1)
  assert.equal((await v.world.call(asMe(maya), 'POST', 'me/recovery-codes')).refusal, 'proofNeeded', 'the provider did not ask, and we did not')
  // In another one it is asked for.
  assert.equal((await v.visitor().signIn('m1')).url.pathname, '/sign-in')
})

test('suspended people are refused, known or not; removed ones are forgotten', async (t) => {
  await open(t, { accounts: { m1: mayas, o1: { email: 'otto@gym.example', email_verified: true } } })
  const { adam, maya, otto } = v.world.people
  await v.visitor().signIn('m1')
  for (const one of [maya, otto]) assert.equal((await v.world.call(adam, 'PATCH', `people/${one.id}`, { suspended: true })).status, 200)
  for (const account of ['m1', 'o1']) {
    const visitor = v.visitor()
    assert.equal((await visitor.signIn(account)).url.searchParams.get('provider'), 'refused', account)
    assert.equal(visitor.cookies['oncekey'], undefined)
  }
  assert.equal((await v.world.record('session.refused')).at(-1)?.details['provider'], 'refused')
  assert.equal((await identities()).length, 1)
  assert.equal((await v.world.call(adam, 'DELETE', `people/${maya.id}`)).status, 200)
  assert.deepEqual(await identities(), [])
  assert.equal((await v.visitor().signIn('m1')).url.searchParams.get('provider'), 'unknown')
})

test('an address that the provider gives to somebody new opens nobody\'s account; an operator\'s reset and a recovery begin anew', async (t) => {
  await open(t, { accounts: { m1: mayas, m2: mayas } })
  const { adam, maya } = v.world.people
  await v.visitor().signIn('m1')
  assert.equal((await v.visitor().signIn('m2')).url.searchParams.get('provider'), 'other')
  assert.equal((await v.world.call(adam, 'POST', `people/${maya.id}/reset-password`)).status, 200)
  assert.equal((await v.world.call(adam, 'GET', 'people')).body.people.find((one) => one.id === maya.id)?.state, 'invited')
  assert.equal((await v.visitor().signIn('m2')).location, 'http://localhost:8080/')
  assert.deepEqual((await identities()).map((row) => row['subject']), ['m2'])
  assert.deepEqual(await v.world.house.rows('SELECT 1 AS x FROM invitations'), [], 'the link to choose a password is dead')
  const { body: { challenge } } = await v.start('recoveries', { login: 'maya@gym.example' })
  const recovered = await v.confirm('recoveries/confirm', { challenge, code: await v.digits(challenge), password: 'nine copper kettles' } as object)
  assert.equal(recovered.status, 200, recovered.text)
  assert.deepEqual(await identities(), [])
})

test('owners: one who comes in by the provider of now counts, one of a former provider does not', async (t) => {
  await open(t, { accounts: { a: { email: 'adam@gym.example', email_verified: true } } })
  const { olga, adam } = v.world.people
  await v.visitor().signIn('a')
  assert.equal((await v.world.call(olga, 'PATCH', `people/${adam.id}`, { role: 'owner' })).status, 200)
  const { house } = v.world
  await house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ password_hash: null }).where('id', '=', adam.id).execute() })
  await house.db.write(async (trx) => { await trx.sql.updateTable('provider_identities').set({ issuer: 'https://former.example/' }).execute() })
  assert.equal((await v.world.call(olga, 'DELETE', `people/${olga.id}`)).refusal, 'lastOwner')
  await house.db.write(async (trx) => { await trx.sql.updateTable('provider_identities').set({ issuer: `${v.provider.issuer}/` }).execute() })
  assert.equal((await v.world.call(olga, 'DELETE', `people/${olga.id}`)).status, 200)
})

test('one\'s own: linked by a signed-in person whatever the address, listed, taken away, but not when it is the only way in', async (t) => {
  await open(t, { accounts: { x: { email: 'private@elsewhere.example' } } })
  const { maya, olga } = v.world.people
  assert.deepEqual((await v.world.call(maya, 'GET', 'me/providers')).body, { providers: [], mayLink: true })
  const visitor = v.visitor(maya)
  const link = async (): Promise<string> => {
    const answer = await v.world.house.app.inject({ method: 'POST', url: '/api/v1/me/providers', payload: { next: '/me' }, cookies: visitor.cookies })
    visitor.cookies['oncekey-provider'] = answer.cookies[0]?.value ?? ''
    return answer.json().url
  }
  assert.equal((await visitor.get(await visitor.walker.walk(await link(), 'x'))).location, 'http://localhost:8080/me')
  assert.equal((await visitor.get(await visitor.walker.walk(await link(), 'x'))).location, 'http://localhost:8080/me?provider=other', 'twice')
  assert.match((await letters('maya@gym.example')).at(-1) ?? '', /you can sign in/)
  const again = v.visitor()
  await again.signIn('x')
  assert.equal((await me(again))?.id, maya.id)
  const { providers: [mine], mayLink } = (await v.world.call(maya, 'GET', 'me/providers')).body
  assert.deepEqual([mine?.name, mine?.isUsable, mayLink], ['House of names', true, false])
  assert.equal((await v.world.call(olga, 'DELETE', `me/providers/${mine?.id}`)).refusal, 'notFound')
  const { house } = v.world
  const hash = (await house.rows('SELECT password_hash FROM people WHERE id = ?', maya.id))[0]?.['password_hash']
  await house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ password_hash: null }).where('id', '=', maya.id).execute() })
  assert.equal((await v.world.call(maya, 'DELETE', `me/providers/${mine?.id}`)).refusal, 'lastWayIn')
  assert.equal((await identities()).length, 1)
  await house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ password_hash: String(hash) }).where('id', '=', maya.id).execute() })
  assert.equal((await v.world.call(maya, 'DELETE', `me/providers/${mine?.id}`)).status, 204)
  assert.match((await letters('maya@gym.example')).at(-1) ?? '', /no longer signs you in/)
  assert.equal((await v.visitor().signIn('x')).url.searchParams.get('provider'), 'unverified')
})

test('a session that somebody planted in the browser ends with the sign-in', async (t) => {
  await open(t, { accounts: { m1: mayas } })
  const { maya, olga } = v.world.people
  const planted = v.visitor(olga)
  await planted.signIn('m1')
  assert.equal((await me(planted))?.id, maya.id)
  assert.equal((await v.world.call(olga, 'GET', 'me')).refusal, 'signInNeeded', 'the session that the browser had before is over')
})
