import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox } from '../notify/loop.ts'
import type { Answered } from '../testing/answers.ts'
import { solvedCaptcha } from '../testing/captcha.ts'
import { openPostOffice } from '../testing/post-office.ts'
import { COOKIE } from '../sessions/cookies.ts'
import { openWorld, type World } from '../testing/world.ts'
import { forgetClosed } from './forget.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const form = { name: 'Nia', email: 'nia@example.org', message: 'My locker <b>A07</b> is stuck.\nPlease help.' }
const HOUR = 3_600_000

/** Somebody without an account writes; the little work is done. */
async function stranger (body: object = form, remoteAddress = '203.0.113.9') {
  return world.house.app.inject({ method: 'POST', url: '/api/v1/contact', payload: body, remoteAddress, headers: solvedCaptcha(world.house) })
}

test('a stranger\'s question reaches owner and administrator, stands on the operators\' page, and the record says that there was one', async () => {
  assert.equal((await stranger()).statusCode, 204)
  const { body: { conversations: [question], open } } = await world.call(world.people.otto, 'GET', 'conversations')
  assert.deepEqual([question?.subject, question?.name, question?.email, question?.personId, question?.state, open], ['My locker <b>A07</b> is stuck.', 'Nia', 'nia@example.org', null, 'open', 1])
  for (const who of [world.people.olga, world.people.adam]) {
    const [message] = (await world.call(who, 'GET', 'me/inbox')).body.messages
    assert.equal(message?.subject, 'Question from Nia')
    assert.equal(message?.text, `Nia <nia@example.org> (not signed in) writes:\n\nMy locker <b>A07</b> is stuck.\nPlease help.\n\nTo answer, open ${world.house.link(`/questions?question=${question?.id}`)}`)
  }
  assert.deepEqual((await world.call(world.people.maya, 'GET', 'me/inbox')).body.messages, [])
  const [asked] = await world.record('support.asked')
  assert.deepEqual([asked?.actor, asked?.details], [{ id: null, name: 'Nia' }, { email: 'nia@example.org', conversationId: question?.id }])
  assert.ok(!JSON.stringify(asked).includes('stuck'))
})

test('a stranger works a little first; who is signed in does not', async () => {
  assert.equal((await world.call(null, 'POST', 'contact', form)).refusal, 'captchaNeeded')
  assert.equal((await world.call(world.people.maya, 'POST', 'contact', form)).status, 204)
})

test('who is signed in is named as who they are, whatever the form says', async () => {
  await world.call(world.people.maya, 'POST', 'contact', { ...form, name: 'The Owner' })
  const [message] = (await world.call(world.people.olga, 'GET', 'me/inbox')).body.messages
  assert.match(message?.text ?? '', /^The Owner <nia@example\.org> \(signed in as Maya\) writes:/)
  assert.equal((await world.record('support.asked'))[0]?.actor?.id, world.people.maya.id)
})

test('five an hour from one address; another address may still ask', async () => {
  for (let i = 0; i < 5; i++) assert.equal((await stranger(form, '2001:db8::1')).statusCode, 204)
  const sixth = await stranger(form, '2001:db8::2')
  assert.equal(sixth.json().code, 'tooManyTries', 'the same household')
  assert.equal(sixth.headers['retry-after'], '3600')
  assert.equal((await stranger(form, '2001:db8:0:1::1')).statusCode, 204)
  world.house.wait(HOUR)
  assert.equal((await stranger(form, '2001:db8::1')).statusCode, 204)
})

test('a form that is empty, too long or would be several recipients is refused field by field', async () => {
  const { problem } = await world.call(null, 'POST', 'contact', { name: ' ', email: 'a@b,c@d', message: ' \n ' })
  assert.deepEqual(problem.errors?.map((one) => one.field), ['name', 'email', 'message'])
  assert.equal((await world.call(null, 'POST', 'contact', { ...form, message: 'x'.repeat(4001) })).refusal, 'badRequest')
  assert.equal((await world.call(null, 'POST', 'contact', { ...form, message: 'x'.repeat(70_000) })).refusal, 'tooLarge')
})

test('strangers from many addresses fill the page, and nobody\'s mailbox: after twenty in an hour one message says so', async () => {
  for (let i = 0; i < 24; i++) assert.equal((await stranger({ ...form, message: `Buy ${i}` }, `203.0.113.${i}`)).statusCode, 204)
  const subjects = (await world.call(world.people.olga, 'GET', 'me/inbox')).body.messages.map((one) => one.subject)
  assert.deepEqual([subjects.filter((one) => one === 'Question from Nia').length, subjects.filter((one) => one === 'Very many questions').length], [20, 1])
  assert.equal((await world.call(world.people.otto, 'GET', 'conversations')).body.open, 24)
  await world.call(world.people.maya, 'POST', 'contact', { ...form, name: 'Maya' })
  assert.equal((await world.call(world.people.olga, 'GET', 'me/inbox')).body.messages[0]?.subject, 'Question from Maya', 'a holder is heard all the same')
})

test('a page of questions is followed by the next, and none comes twice while others move', async () => {
  for (let i = 0; i < 5; i++) {
    await world.call(world.people.maya, 'POST', 'contact', { ...form, message: `Question ${i}` })
    if (i === 2) world.house.wait(60_000)
  }
  const seen: string[] = []
  let after: string | null = ''
  while (after !== null) {
    const { body }: Answered<{ conversations: { id: string, subject: string }[], next: string | null }> = await world.call(world.people.otto, 'GET', `conversations?limit=2${after === '' ? '' : `&after=${after}`}`)
    seen.push(...body.conversations.map((one) => one.subject))
    after = body.next
    if (seen.length === 2) await world.call(world.people.otto, 'POST', `conversations/${body.conversations[0]?.id}/messages`, { text: 'Yes', seen: 1 })
  }
  assert.equal(new Set(seen).size, 5, seen.join())
  assert.equal(seen.length, 5)
})

test('a holder is answered in their inbox, writes again on their page, and it is open again', async () => {
  const { maya, otto } = world.people
  await world.call(maya, 'POST', 'contact', { ...form, name: 'Maya' })
  const id = (await world.call(otto, 'GET', 'conversations')).body.conversations[0]?.id ?? ''
  const answered = await world.call(otto, 'POST', `conversations/${id}/messages`, { text: 'We look at it today.', seen: 1, close: true })
  assert.equal(answered.body.conversation.state, 'closed')
  const [message] = (await world.call(maya, 'GET', 'me/inbox')).body.messages
  assert.match(message?.text ?? '', /^Otto answers:\n\nWe look at it today\./)
  assert.equal((await world.call(maya, 'POST', `me/conversations/${id}/messages`, { text: 'It is still stuck.' })).status, 204)
  const [mine] = (await world.call(maya, 'GET', 'me/conversations')).body.conversations
  assert.deepEqual([mine?.state, mine?.messages.map((one) => [one.author, one.name, one.text])], ['open', [['asker', 'Maya', form.message], ['operator', 'Otto', 'We look at it today.'], ['asker', 'Maya', 'It is still stuck.']]])
  assert.equal((await world.call(world.people.olga, 'GET', 'me/inbox')).body.messages[0]?.subject, 'Re: Question from Maya')
  const copy = await world.house.app.inject({ url: '/api/v1/me/data', headers: { cookie: `${COOKIE}=${maya.cookie}` } })
  assert.equal(copy.json().questions[0].messages.length, 3)
})

test('two operators answer at once: the second is told, and one answer goes out', async () => {
  const { maya, otto, adam } = world.people
  await world.call(maya, 'POST', 'contact', form)
  const id = (await world.call(otto, 'GET', 'conversations')).body.conversations[0]?.id ?? ''
  const answers = await Promise.all([otto, adam].map((who) => world.call(who, 'POST', `conversations/${id}/messages`, { text: `I come (${who.name})`, seen: 1 })))
  assert.deepEqual(answers.map((one) => one.status).sort(), [200, 409])
  assert.equal((await world.call(maya, 'GET', 'me/inbox')).body.messages.length, 1)
  assert.equal(answers.find((one) => one.status === 409)?.refusal, 'changedMeanwhile')
})

test('who waits for an answer may write five times in a row', async () => {
  const { maya } = world.people
  await world.call(maya, 'POST', 'contact', form)
  const id = (await world.call(maya, 'GET', 'me/conversations')).body.conversations[0]?.id ?? ''
  const again = await Promise.all(Array.from({ length: 8 }, (_, i) => world.call(maya, 'POST', `me/conversations/${id}/messages`, { text: `Hello ${i}?` })))
  assert.deepEqual(again.map((one) => one.status).sort(), [204, 204, 204, 204, 409, 409, 409, 409])
})

test('without mail a stranger can not be answered, and the operator is told at which address they are', async () => {
  await stranger()
  const { body } = await world.call(world.people.otto, 'GET', 'conversations')
  const id = body.conversations[0]?.id ?? ''
  assert.equal((await world.call(world.people.otto, 'GET', `conversations/${id}`)).body.canAnswer, false)
  const refused = await world.call(world.people.otto, 'POST', `conversations/${id}/messages`, { text: 'Yes', seen: 1 })
  assert.deepEqual([refused.refusal, refused.problem.detail?.includes('nia@example.org')], ['channelNotSetUp', true])
})

test('closed ones are forgotten after half a year, open ones never; removed ones at once, by administrators', async () => {
  const { maya, otto, adam } = world.people
  for (const message of ['One', 'Two', 'Three']) await world.call(maya, 'POST', 'contact', { ...form, message })
  const [three, two, one] = (await world.call(otto, 'GET', 'conversations')).body.conversations.map((each) => each.id)
  await world.call(otto, 'PATCH', `conversations/${one}`, { state: 'closed' })
  assert.equal((await world.call(otto, 'DELETE', `conversations/${two}`)).refusal, 'notAllowed')
  assert.equal((await world.call(adam, 'DELETE', `conversations/${two}`)).status, 204)
  world.house.wait(182 * 24 * HOUR)
  await forgetClosed(world.house)
  assert.equal((await world.house.rows('SELECT id FROM conversations')).length, 2)
  world.house.wait(2 * 24 * HOUR)
  await forgetClosed(world.house)
  assert.deepEqual((await world.house.rows('SELECT id FROM conversations')).map((row) => row['id']), [three])
  assert.equal((await world.house.rows('SELECT text FROM conversation_messages')).length, 1)
  assert.deepEqual((await world.record()).filter((row) => row.event.startsWith('support.') && row.event !== 'support.asked').map((row) => row.event), ['support.closed', 'support.removed'])
})

test('by real mail: an answer to a stranger has a link back, threads with the next one, and whoever deletes the question ends the link', async () => {
  const post = await openPostOffice()
  const mailing = await openWorld({ env: { ONCEKEY_SMTP_URL: post.url } })
  const loop = startOutbox(mailing.house, smtpChannel(post.url))
  const elsewhere = world
  try {
    world = mailing
    const { otto, adam } = world.people
    await stranger()
    const id = (await world.call(otto, 'GET', 'conversations')).body.conversations[0]?.id ?? ''
    await world.call(otto, 'POST', `conversations/${id}/messages`, { text: 'Which one is it?', seen: 1 })
    await loop.flush()
    const first = post.mails.find((mail) => mail.to.includes(form.email))
    const token = /\/contact\/([\w-]{43})/.exec(first?.text.replaceAll('=\r\n', '') ?? '')?.[1] ?? ''
    assert.ok(/Otto answers:\r\n\r\nWhich one is it\?/.test(first?.text ?? ''), first?.text)
    assert.ok(!JSON.stringify(await world.house.rows('SELECT * FROM outbox')).includes(token), 'sealed, then wiped')
    const linked = await world.call(null, 'POST', 'contact/conversation', { token })
    assert.deepEqual(linked.body.messages.map((one) => one.author), ['asker', 'operator'])
    assert.equal((await world.call(null, 'POST', 'contact/messages', { token, text: 'A07, as I wrote.' })).status, 204)
    await world.call(otto, 'POST', `conversations/${id}/messages`, { text: 'It is open.', seen: 3 })
    await loop.flush()
    const mails = post.mails.filter((mail) => mail.to.includes(form.email))
    assert.equal(mails.length, 2)
    for (const mail of mails) assert.match(mail.text, new RegExp(`^In-Reply-To: <${id}@gym\\.example>\\r$`, 'm'))
    assert.equal(new Set(mails.map((mail) => /^Message-ID: (.+)\r$/im.exec(mail.text)?.[1])).size, 2)
    assert.deepEqual((await world.call(otto, 'GET', `conversations/${id}`)).body.messages.map((one) => one.mail), [null, 'sent', null, 'sent'])
    await world.call(adam, 'DELETE', `conversations/${id}`)
    assert.equal((await world.call(null, 'POST', 'contact/conversation', { token })).refusal, 'notFound')
    assert.equal((await world.call(null, 'POST', 'contact/messages', { token, text: 'x' })).refusal, 'notFound')
  } finally {
    await loop.stop()
    await mailing.close()
    await post.close()
    world = elsewhere
  }
})
