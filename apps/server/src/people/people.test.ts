import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Person, PersonAdded } from '@oncekey/protocol/schemas'
import { openSecret } from '../notify/sealed.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

async function row (name: string): Promise<Person> {
  const { body } = await world.call(world.people.olga, 'GET', 'people')
  const found = body.people.find((one) => one.name === name)
  assert.ok(found, `${name} among the people`)
  return found
}

async function invite (name: string, role = 'member', by: TestPerson = world.people.otto) {
  return world.call(by, 'POST', 'people', { name, email: `${name.toLowerCase()}@gym.example`, role })
}

/** The token at the end of an invitation's link. */
const tokenOf = (added: PersonAdded): string => (added.invitation ?? '').slice('/invitation/'.length)
const accept = (token: string, password = 'quiet river stones') => world.house.app.inject({ method: 'POST', url: '/api/v1/invitations/accept', payload: { token, password } })

test('Otto invites Nia; she sets a password by the link, is signed in, and the link is used up', async () => {
  const answer = await invite('Nia')
  assert.equal(answer.status, 201)
  assert.equal(answer.body.person.state, 'invited')
  const token = tokenOf(answer.body)
  assert.match(token, /^[A-Za-z0-9_-]{43}$/)
  const kept = await world.house.db.read.selectFrom('invitations').selectAll().execute()
  assert.ok(!JSON.stringify(kept).includes(token), 'only its hash is kept')
  assert.equal((await accept(token, 'password1')).json().errors[0].field, 'password')
  assert.equal((await accept(token, 'nia@gym.example')).json().errors[0].field, 'password')
  const accepted = await accept(token)
  assert.equal(accepted.statusCode, 200, accepted.body)
  assert.equal(accepted.json().me.name, 'Nia')
  assert.equal((await world.call({ id: '', name: '', cookie: accepted.cookies[0]?.value ?? '' }, 'GET', 'me')).body.role, 'member')
  assert.equal((await row('Nia')).state, 'active')
  assert.equal((await accept(token)).json().code, 'notFound', 'used')
  const signedIn = await world.call(null, 'POST', 'sessions', { login: 'nia@gym.example', password: 'quiet river stones' })
  assert.equal(signedIn.status, 200)
})

test('an invitation is good for seven days, and for nobody who was suspended or removed meanwhile', async () => {
  const [late, suspended, removed] = [await invite('Late'), await invite('Suspended'), await invite('Removed')].map((one) => ({ id: one.body.person.id, token: tokenOf(one.body) }))
  assert.ok(late && suspended && removed)
  await world.call(world.people.olga, 'PATCH', `people/${suspended.id}`, { suspended: true })
  await world.call(world.people.olga, 'DELETE', `people/${removed.id}`)
  assert.equal((await accept(suspended.token)).statusCode, 404)
  assert.equal((await accept(removed.token)).statusCode, 404)
  assert.equal((await accept('x'.repeat(43))).statusCode, 404)
  world.house.wait(7 * 86_400_000)
  assert.equal((await accept(late.token)).statusCode, 404)
})

test('two who use one link at the same moment: one of them has', async () => {
  const { body } = await invite('Nia')
  const token = tokenOf(body)
  const answers = await Promise.all([accept(token, 'quiet river stones'), accept(token, 'other river stones')])
  assert.deepEqual(answers.map((one) => one.statusCode).sort(), [200, 404])
})

test('the name of the place is no password, whatever is put on', async () => {
  const { siteName } = { siteName: String((await world.house.rows('SELECT name FROM sites'))[0]?.['name']) }
  const answer = await world.call(world.people.otto, 'POST', 'people', { name: 'N', email: 'place@gym.example', role: 'member', password: `${siteName} 2026!` })
  assert.deepEqual(answer.problem.errors?.map((one) => one.field), ['password'])
})

test('with a password there is no invitation; a common password is refused', async () => {
  const form = { name: 'Nia', email: 'nia@gym.example', role: 'member' }
  assert.equal((await world.call(world.people.otto, 'POST', 'people', { ...form, password: 'letmein123' })).problem.errors?.[0]?.field, 'password')
  const { body } = await world.call(world.people.otto, 'POST', 'people', { ...form, password: 'quiet river stones' })
  assert.equal(body.invitation, null)
  assert.equal(body.person.state, 'active')
})

test('an address belongs to one person, however it is written, until they are removed', async () => {
  const first = await invite('Nia')
  const again = await world.call(world.people.otto, 'POST', 'people', { name: 'Other', email: 'NIA@GYM.example', role: 'member' })
  assert.equal(again.refusal, 'alreadyExists')
  assert.equal((await world.call(world.people.olga, 'PATCH', `people/${world.people.maya.id}`, { email: 'Nia@gym.example' })).refusal, 'alreadyExists')
  assert.equal((await world.call(world.people.olga, 'PATCH', `people/${first.body.person.id}`, { email: 'NIA@gym.example' })).status, 200, 'one\'s own')
  await world.call(world.people.olga, 'DELETE', `people/${first.body.person.id}`)
  assert.equal((await invite('Nia')).status, 201)
})

test('suspending Maya ends her sessions and live codes at once; her access is there when she is back', async () => {
  const { maya, otto } = world.people
  await world.code()
  const ended = await world.call(otto, 'PATCH', `people/${maya.id}`, { suspended: true })
  assert.deepEqual(ended.body, { sessions: 1, grants: 0, codes: 1 })
  assert.equal((await world.call(maya, 'GET', 'me')).status, 401)
  assert.equal((await row('Maya')).state, 'suspended')
  assert.deepEqual((await world.record('code.revoked')).map((one) => [one.actor?.name, one.subject?.name]), [['Otto', 'Maya']])
  assert.deepEqual((await world.call(otto, 'PATCH', `people/${maya.id}`, { suspended: true })).body, { sessions: 0, grants: 0, codes: 0 }, 'twice is once')
  await world.call(otto, 'PATCH', `people/${maya.id}`, { suspended: false })
  assert.equal((await row('Maya')).grants, 2)
  assert.deepEqual([(await world.record('person.suspended')).length, (await world.record('person.resumed')).length], [1, 1])
})

test('removing Maya ends everything of hers; her name stays in the record', async () => {
  const { maya, otto } = world.people
  await world.code()
  const ended = await world.call(otto, 'DELETE', `people/${maya.id}`)
  assert.deepEqual(ended.body, { sessions: 1, grants: 2, codes: 1 })
  assert.equal((await world.call(maya, 'GET', 'me')).status, 401)
  assert.equal((await world.call(otto, 'DELETE', `people/${maya.id}`)).refusal, 'notFound')
  assert.equal((await world.call(otto, 'PATCH', `people/${maya.id}`, { name: 'M' })).refusal, 'notFound')
  assert.equal((await world.record('grant.ended')).length, 2)
  assert.equal((await world.record('person.removed'))[0]?.subject?.name, 'Maya')
  assert.deepEqual(await world.house.db.read.selectFrom('inbox').select('id').where('person_id', '=', maya.id).execute(), [])
})

test('nobody changes someone of higher role, or gives a role above their own', async () => {
  const { olga, adam, otto, maya } = world.people
  const change = async (by: TestPerson, whom: TestPerson, form: object) => (await world.call(by, 'PATCH', `people/${whom.id}`, form)).refusal ?? 'done'
  assert.equal(await change(otto, adam, { name: 'X' }), 'notAllowed')
  assert.equal(await change(otto, olga, { suspended: true }), 'notAllowed')
  assert.equal(await change(adam, olga, { role: 'member' }), 'notAllowed')
  assert.equal(await change(otto, otto, { role: 'admin' }), 'notAllowed')
  assert.equal(await change(otto, maya, { role: 'admin' }), 'notAllowed')
  assert.equal(await change(adam, maya, { role: 'owner' }), 'notAllowed')
  assert.equal(await change(adam, maya, { role: 'admin' }), 'done')
  assert.equal(await change(otto, maya, { name: 'X' }), 'notAllowed', 'she is an administrator now')
  for (const [by, role, status] of [[otto, 'admin', 403], [otto, 'operator', 201], [adam, 'owner', 403], [adam, 'admin', 201], [olga, 'owner', 201]] as const) {
    assert.equal((await world.call(by, 'POST', 'people', { name: role, email: `${role}.by.${by.name}@gym.example`, role })).status, status, `${by.name} makes an ${role}`)
  }
  for (const [by, whom] of [[otto, adam], [otto, olga], [adam, olga]] as const) assert.equal((await world.call(by, 'DELETE', `people/${whom.id}`)).refusal, 'notAllowed')
})

test('the last owner stays, until somebody else could sign in as one', async () => {
  const { olga, adam } = world.people
  assert.equal((await world.call(olga, 'PATCH', `people/${olga.id}`, { role: 'admin' })).refusal, 'lastOwner')
  assert.equal((await world.call(olga, 'PATCH', `people/${olga.id}`, { suspended: true })).refusal, 'lastOwner')
  assert.equal((await world.call(olga, 'DELETE', `people/${olga.id}`)).refusal, 'lastOwner')
  await world.call(olga, 'PATCH', `people/${adam.id}`, { role: 'owner' })
  assert.equal((await world.call(olga, 'DELETE', `people/${olga.id}`)).refusal, 'lastOwner', 'Adam was invited and never came')
  await world.house.db.write((trx) => trx.sql.updateTable('people').set({ password_hash: 'x' }).where('id', '=', adam.id).execute())
  assert.equal((await world.call(olga, 'PATCH', `people/${olga.id}`, { role: 'admin' })).status, 200)
})

test('a new role ends the person\'s sessions, but not the one in which one changes oneself', async () => {
  const { olga, maya } = world.people
  assert.equal((await world.call(olga, 'PATCH', `people/${maya.id}`, { role: 'operator' })).body.sessions, 1)
  assert.equal((await world.call(maya, 'GET', 'me')).status, 401)
  assert.equal((await world.call(olga, 'PATCH', `people/${olga.id}`, { name: 'Olga Grand' })).status, 200)
  assert.equal((await world.call(olga, 'GET', 'me')).body.name, 'Olga Grand')
})

test('whoever had the address learns that it was taken away', async () => {
  const { olga, maya } = world.people
  await world.call(olga, 'PATCH', `people/${maya.id}`, { email: 'else@gym.example' })
  const inbox = (await world.call(maya, 'GET', 'me/inbox')).body.messages
  assert.match(inbox[0]?.text ?? '', /is else@gym\.example from now on, instead of maya@gym\.example/)
  assert.deepEqual((await world.record('person.changed')).at(-1)?.details, { emailBefore: 'maya@gym.example', email: 'else@gym.example' })
})

test('markup in a name is a name', async () => {
  const name = '<img src=x onerror=alert(1)> "&\'; DROP TABLE people; --'
  const answer = await world.call(world.people.otto, 'POST', 'people', { name, email: 'bobby@gym.example', role: 'member' })
  assert.equal(answer.body.person.name, name)
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal((await row(name)).email, 'bobby@gym.example')
})

test('an invitation that was mailed to a wrong address is dead once the address is put right, and a new one is on its way', async () => {
  const mailing = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@gym.example' } })
  try {
    const { olga } = mailing.people
    const invited = await mailing.call(olga, 'POST', 'people', { name: 'Nia', email: 'mia@gym.example', role: 'admin' })
    assert.equal(invited.status, 201)
    const changed = await mailing.call(olga, 'PATCH', `people/${invited.body.person.id}`, { email: 'nia@gym.example' })
    assert.equal(changed.status, 200)
    const taken = await mailing.call(null, 'POST', 'invitations/accept', { token: tokenOf(invited.body), password: 'quiet river stones' })
    assert.equal(taken.status, 404, 'whoever reads the wrong mailbox does not become an administrator')
    const mails = await mailing.house.db.read.selectFrom('outbox').selectAll().where('subject', 'like', 'Your access to%').orderBy('created_at').orderBy('id').execute()
    assert.deepEqual(mails.map((mail) => mail.recipient), ['mia@gym.example', 'nia@gym.example'])
    const last = mails.at(-1)
    const token = /invitation\/([\w-]{43})/.exec(openSecret(mailing.house.seal, 'outbox', last?.id ?? '', last?.sealed ?? '').text)?.[1] ?? ''
    assert.equal((await mailing.call(null, 'POST', 'invitations/accept', { token, password: 'quiet river stones' })).status, 200)
  } finally {
    await mailing.close()
  }
})

test('without mail the link in an operator\'s hand stays good when the address is put right', async () => {
  const { body } = await invite('Nia')
  await world.call(world.people.olga, 'PATCH', `people/${body.person.id}`, { email: 'nia2@gym.example' })
  assert.equal((await accept(tokenOf(body))).statusCode, 200)
})

test('a name holds nothing that turns the text around it or breaks its line', async () => {
  for (const sign of ['\u0007', '\u007f', '\u0085', '\u2028', '\u202e', '\u2067']) {
    const answer = await invite(`Nia${sign}txet`)
    assert.equal(answer.problem.errors?.[0]?.field, 'name', sign.codePointAt(0)?.toString(16))
    assert.equal((await world.call(world.people.otto, 'POST', 'banks', { name: 'Bank X', range: `A1${sign}B` })).status, 400, sign.codePointAt(0)?.toString(16))
  }
  for (const name of ['Zoë O’Neill', 'مها', 'נועה', '李小龍', 'José 👩🏽‍🚒']) assert.equal((await world.call(world.people.olga, 'POST', 'people', { name, email: `p${name.length}${name.codePointAt(0)}@gym.example`, role: 'member' })).status, 201, name)
})

test('resuming somebody asks for a proof, suspending does not', async () => {
  const { otto, maya } = world.people
  world.house.wait(900_000)
  assert.equal((await world.call(otto, 'PATCH', `people/${maya.id}`, { suspended: true })).status, 200)
  assert.equal((await world.call(otto, 'PATCH', `people/${maya.id}`, { suspended: false })).refusal, 'proofNeeded')
})

test('two people change one person: the second is told for each of name, address and role, and may once they know', async () => {
  const { olga, adam, maya } = world.people
  const path = `people/${maya.id}`
  const stored = async () => world.house.db.read.selectFrom('people').select(['name', 'email', 'role']).where('id', '=', maya.id).executeTakeFirstOrThrow()
  const { name, email, role } = await stored()
  const first = { name: 'Maya Lind', email: 'maya.lind@gym.example', role: 'operator' }
  assert.equal((await world.call(adam, 'PATCH', path, { ...first, nameBefore: name, emailBefore: email, roleBefore: role })).status, 200)
  for (const change of [{ name: 'Maja', nameBefore: name }, { email: 'maja@gym.example', emailBefore: email }, { role: 'admin', roleBefore: role }, { name: 'Maja', nameBefore: first.name, role: 'admin', roleBefore: role }]) {
    assert.equal((await world.call(olga, 'PATCH', path, change)).refusal, 'changedMeanwhile', JSON.stringify(change))
  }
  assert.deepEqual({ ...await stored() }, first, 'the first change stays, and of the last nothing came in')
  assert.equal((await world.call(olga, 'PATCH', path, { name: 'Maja', nameBefore: first.name })).status, 200)
  assert.equal((await world.call(olga, 'PATCH', path, { name: 'Maja', nameBefore: 'whatever' })).status, 200, 'what is so already is no change')
  assert.equal((await world.record('person.changed')).length, 2)
})
