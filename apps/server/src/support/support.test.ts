import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, type World } from '../testing/world.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const form = { name: 'Nia', email: 'nia@example.org', message: 'My locker <b>A07</b> is stuck.\nPlease help.' }

test('a stranger\'s question reaches owner and administrator, and the record says that there was one', async () => {
  assert.equal((await world.call(null, 'POST', 'contact', form)).status, 204)
  for (const who of [world.people.olga, world.people.adam]) {
    const [message] = (await world.call(who, 'GET', 'me/inbox')).body.messages
    assert.equal(message?.subject, 'Question from Nia')
    assert.equal(message?.text, 'Nia <nia@example.org> (not signed in) writes:\n\nMy locker <b>A07</b> is stuck.\nPlease help.')
  }
  assert.deepEqual((await world.call(world.people.maya, 'GET', 'me/inbox')).body.messages, [])
  const [asked] = await world.record('support.asked')
  assert.deepEqual([asked?.actor, asked?.details], [{ id: null, name: 'Nia' }, { email: 'nia@example.org' }])
  assert.ok(!JSON.stringify(asked).includes('stuck'))
})

test('who is signed in is named as who they are, whatever the form says', async () => {
  await world.call(world.people.maya, 'POST', 'contact', { ...form, name: 'The Owner' })
  const [message] = (await world.call(world.people.olga, 'GET', 'me/inbox')).body.messages
  assert.match(message?.text ?? '', /^The Owner <nia@example\.org> \(signed in as Maya\) writes:/)
  assert.equal((await world.record('support.asked'))[0]?.actor?.id, world.people.maya.id)
})

test('five an hour from one address; another address may still ask', async () => {
  const ask = (remoteAddress: string) => world.house.app.inject({ method: 'POST', url: '/api/v1/contact', payload: form, remoteAddress })
  for (let i = 0; i < 5; i++) assert.equal((await ask('2001:db8::1')).statusCode, 204)
  const sixth = await ask('2001:db8::2')
  assert.equal(sixth.json().code, 'tooManyTries', 'the same household')
  assert.equal(sixth.headers['retry-after'], '3600')
  assert.equal((await ask('2001:db8:0:1::1')).statusCode, 204)
  world.house.wait(3_600_000)
  assert.equal((await ask('2001:db8::1')).statusCode, 204)
})

test('a form that is empty, too long or would be several recipients is refused field by field', async () => {
  const { problem } = await world.call(null, 'POST', 'contact', { name: ' ', email: 'a@b,c@d', message: ' \n ' })
  assert.deepEqual(problem.errors?.map((one) => one.field), ['name', 'email', 'message'])
  assert.equal((await world.call(null, 'POST', 'contact', { ...form, message: 'x'.repeat(4001) })).refusal, 'badRequest')
  assert.equal((await world.call(null, 'POST', 'contact', { ...form, message: 'x'.repeat(70_000) })).refusal, 'tooLarge')
})
