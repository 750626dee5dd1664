import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { InboxMessage } from '@oncekey/protocol/schemas'
import { everything } from '../testing/database.ts'
import { openWorld, quiet, type TestPerson, type World } from '../testing/world.ts'
import { maskAddress } from './mask.ts'
import { sendMessage } from './send.ts'
import { tellAdministrators } from './write.ts'

let world: World

beforeEach(async () => { world = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@gym.example' } }) })
afterEach(async () => { await world.close() })

const inbox = async (who: TestPerson): Promise<InboxMessage[]> => (await world.call(who, 'GET', 'me/inbox')).body.messages
const reveal = (who: TestPerson, id: string) => world.call(who, 'POST', `me/inbox/${id}/reveal`)
const outbox = () => world.house.db.read.selectFrom('outbox').selectAll().orderBy('id').execute()

/** Otto makes a code for Maya, sent to her. */
async function codeForMaya (): Promise<{ id: string, digits: string }> {
  const { body } = await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.a01, personId: world.people.maya.id })
  return { id: body.code.id, digits: body.digits }
}

test('a code waits sealed in inbox and outbox; only Maya opens it, as often as she likes', async () => {
  const { digits } = await codeForMaya()
  const [message] = await inbox(world.people.maya)
  assert.ok(message)
  assert.deepEqual([message.text, message.hasCode, message.readAt, message.goneAt], [null, true, null, null])
  assert.equal((await reveal(world.people.otto, message.id)).refusal, 'notFound', 'not even who made it')
  assert.equal((await reveal(world.people.olga, message.id)).refusal, 'notFound')
  for (let i = 0; i < 2; i++) {
    const { body, headers } = await reveal(world.people.maya, message.id)
    assert.equal(body.code, digits)
    assert.ok(body.text.includes(digits))
    assert.equal(headers['cache-control'], 'no-store')
  }
  assert.equal((await inbox(world.people.maya))[0]?.readAt, world.house.clock())
  const [mail] = await outbox()
  assert.deepEqual([mail?.text, mail?.state, mail?.recipient], [null, 'waiting', 'maya@gym.example'])
  assert.ok(mail?.sealed !== null)
})

test('no digits in any file of the data folder, nor in the log', async () => {
  const found: string[] = []
  for (let i = 0; i < 5; i++) {
    const { digits } = await codeForMaya()
    found.push(digits)
    world.house.wait(31_000)
  }
  const canary = '918273645546'
  await world.house.db.write((trx) => sendMessage(trx, world.house, { person: { ...world.people.maya, email: 'maya@gym.example' }, subject: 'x', text: `plain ${canary}`, dedupeKey: 'canary' }))
  const bytes = await everything(world.house)
  assert.ok(bytes.includes(canary), 'the search finds what is there')
  for (const digits of found) {
    // The text around the digits, because six or seven digits alone may occur by chance.
    assert.ok(!bytes.includes(`is ${digits}`) && !bytes.includes(`"digits":"${digits}"`))
    assert.ok(!world.house.logged.join('\n').includes(digits))
  }
})

test('used, revoked, superseded or expired: the message says that the code is gone, and the mail does not leave any more', async () => {
  const ends: [string, (code: { id: string }) => Promise<unknown>][] = [
    ['revoked', (code) => world.call(world.people.otto, 'DELETE', `codes/${code.id}`)],
    ['superseded', async () => {
      world.house.wait(31_000)
      return codeForMaya()
    }],
    ['expired', async () => { world.house.wait(86_400_000) }]
  ]
  for (const [name, end] of ends) {
    const code = await codeForMaya()
    const message = (await inbox(world.people.maya))[0]
    assert.ok(message)
    await end(code)
    await quiet()
    const maya = { ...world.people.maya, cookie: (await freshCookie()) }
    assert.equal((await reveal(maya, message.id)).refusal, 'notFound', name)
    const then = (await inbox(maya)).find((one) => one.id === message.id)
    assert.ok(then !== undefined && then.goneAt !== null && then.goneAt <= world.house.clock(), name)
    if (name !== 'expired') {
      const mail = (await outbox()).find((one) => one.code_id === code.id)
      assert.deepEqual([mail?.sealed, mail?.state, mail?.error], [null, 'failed', 'codeEnded'], name)
    }
    world.people.otto.cookie = await freshCookie('otto')
  }
})

/** Sessions do not outlive the waits of this test. */
async function freshCookie (who: 'maya' | 'otto' = 'maya'): Promise<string> {
  const { startSession } = await import('../sessions/sessions.ts')
  return world.house.db.write(async (trx) => startSession(trx, world.house, { person: { id: world.people[who].id, name: world.people[who].name }, address: '', agent: '' }))
}

test('the same dedupe key is told once; each administrator is told', async () => {
  for (let i = 0; i < 3; i++) await world.house.db.write((trx) => tellAdministrators(trx, world.house, { letter: () => ({ subject: 'Keypad locked', text: 'Bank A' }), dedupeKey: 'lockout:1' }))
  assert.deepEqual((await outbox()).map((one) => one.recipient).sort(), ['adam@gym.example', 'olga@gym.example'])
  for (const who of [world.people.olga, world.people.adam]) assert.deepEqual((await inbox(who)).map((one) => [one.subject, one.text, one.hasCode]), [['Keypad locked', 'Bank A', false]])
  assert.deepEqual(await inbox(world.people.otto), [])
  const told = world.told.filter((one) => one.event.kind === 'inbox').flatMap((one) => one.people)
  assert.deepEqual(told.sort(), [world.people.olga.id, world.people.adam.id].sort())
})

test('a plain message is marked read when it is opened', async () => {
  await world.house.db.write((trx) => sendMessage(trx, world.house, { person: { ...world.people.maya, email: 'm@gym.example' }, subject: 'Hello', text: 'A <b>text</b>', dedupeKey: 'x' }))
  const [message] = await inbox(world.people.maya)
  assert.deepEqual((await reveal(world.people.maya, message?.id ?? '')).body, { text: 'A <b>text</b>', code: null, expiresAt: null })
  assert.equal((await inbox(world.people.maya))[0]?.readAt, world.house.clock())
})

test('without a mail server nothing waits for one, and the page says so', async () => {
  const plain = await openWorld()
  try {
    await plain.house.db.write((trx) => tellAdministrators(trx, plain.house, { letter: () => ({ subject: 's', text: 't' }), dedupeKey: 'k' }))
    assert.deepEqual(await plain.house.db.read.selectFrom('outbox').select('id').execute(), [])
    assert.equal((await plain.call(plain.people.olga, 'GET', 'me/inbox')).body.mailWorks, false)
  } finally {
    await plain.close()
  }
})

test('an invitation\'s link rests sealed and only in the mail', async () => {
  const { body } = await world.call(world.people.otto, 'POST', 'people', { name: 'Nia', email: 'nia@gym.example', role: 'member' })
  const [mail] = await outbox()
  assert.equal(mail?.text, null)
  assert.ok(world.house.seal.open(mail?.sealed ?? '', `outbox:${mail?.id}`).includes(body.invitation ?? 'none'))
  assert.throws(() => world.house.seal.open(mail?.sealed ?? '', `inbox:${mail?.id}`))
  assert.deepEqual(await world.house.db.read.selectFrom('inbox').select('id').where('person_id', '=', body.person.id).execute(), [])
})

test('an address in the record is masked', () => {
  assert.deepEqual(['maria@example.org', 'a@b', '@b', 'nobody', '👩‍🚒x@y', '+351210000042', '12345', ''].map(maskAddress), ['m•••@example.org', 'a•••@b', '•••', '•••', '👩•••@y', '•••42', '•••', '•••'])
})

test('everybody is written to in the language that they chose, or else in the site\'s', async () => {
  const { maya } = world.people
  await world.call(maya, 'PATCH', 'me', { language: 'hi' })
  await codeForMaya()
  await world.house.db.write((trx) => trx.sql.updateTable('sites').set({ message_language: 'fr' }).execute())
  await world.house.db.write((trx) => tellAdministrators(trx, world.house, { letter: (letters) => letters.manyQuestions(20, '/questions'), dedupeKey: 'many' }))
  const subjects = (await outbox()).map(({ recipient, subject }) => [recipient, subject])
  assert.deepEqual(subjects.find(([recipient]) => recipient === 'maya@gym.example'), ['maya@gym.example', 'कोड: A01'])
  assert.deepEqual(subjects.find(([recipient]) => recipient === 'adam@gym.example'), ['adam@gym.example', 'Énormément de questions'])
})
