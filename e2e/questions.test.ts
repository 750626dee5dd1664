import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { openPage } from './support/browser.ts'
import { ownersJourney } from './support/journey.ts'

const journey = await ownersJourney({ hasMail: true })
const { page: operator, mail } = journey
const { page: stranger, context } = await openPage(journey.browser, { size: 'phone' })
after(() => context.close())

const ASKER = 'nia@example.org'

/** The newest of so many mails to the asker, and the link in it. */
async function answered (count: number): Promise<{ url: string, references: string }> {
  const toAsker = () => mail.mails.filter((one) => one.to?.[0]?.address === ASKER)
  for (let all = count; toAsker().length < count; all = mail.mails.length + 1) await mail.until(all)
  const newest = toAsker().at(-1)
  return { url: /http:\/\/\S+\/contact\/[\w-]{43}/.exec(newest?.text ?? '')?.[0] ?? '', references: newest?.references ?? '' }
}

test('a stranger writes by the form, with a little work done by the page itself', async () => {
  await stranger.goto(journey.server.url + '/contact')
  await stranger.getByLabel('Name').fill('Nia')
  await stranger.getByLabel('E-mail').fill(ASKER)
  await stranger.getByLabel('Message').fill('A07 is stuck.\nPlease help.')
  const refused = stranger.waitForResponse((one) => one.url().endsWith('/api/v1/contact') && one.status() === 403)
  await stranger.getByRole('button', { name: 'Send message' }).click()
  await stranger.getByText('Your message was sent.').waitFor()
  assert.match(await (await refused).text(), /captchaNeeded/)
})

test('it stands on the operators\' page; the answer is mailed, with a link back', async () => {
  await operator.goto(journey.server.url + '/questions')
  await operator.getByRole('button', { name: 'A07 is stuck.' }).click()
  const panel = operator.getByRole('dialog')
  await panel.getByText('Not signed in: may not be who they say').waitFor()
  await assertFine(operator, 'questions panel')
  await panel.getByLabel('Your answer').fill('Which bank is it in?')
  await panel.getByRole('button', { name: 'Send', exact: true }).click()
  await panel.getByText('Mailed').waitFor()
  const { url } = await answered(1)
  await stranger.goto(url)
  await stranger.getByText('Which bank is it in?').waitFor()
  await assertFine(stranger, 'questions by link')
  await stranger.getByLabel('Write back').fill('Bank A.')
  await stranger.getByRole('button', { name: 'Send' }).click()
  await stranger.getByText('Waits for an answer').waitFor()
})

test('what comes while an operator types is shown before the answer leaves, and nothing typed is lost', async () => {
  const panel = operator.getByRole('dialog')
  await panel.getByText('Bank A.').waitFor()
  await panel.getByLabel('Your answer').fill('It is open now.')
  const [question] = (await journey.client.conversations.list()).conversations
  await journey.client.conversations.answer(question?.id ?? '', { text: 'I am on my way.', seen: 3 })
  // The page may have heard of it by now, or not: in either case nothing goes out that was not written after reading.
  await panel.getByText('I am on my way.').waitFor()
  assert.equal(await panel.getByLabel('Your answer').inputValue(), 'It is open now.')
  await panel.getByRole('button', { name: 'Send and close' }).click()
  await operator.getByText('Nobody waits for an answer').waitFor()
  const { references } = await answered(3)
  assert.match(references, new RegExp(`^<${question?.id}@`))
  await operator.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).first().click()
  await assertFine(operator, 'questions none open')
  await operator.getByRole('radio', { name: 'Closed' }).check()
  await operator.getByRole('button', { name: 'A07 is stuck.' }).waitFor()
  await assertFine(operator, 'questions closed ones')
})

test('a link that leads nowhere says so, and how to go on', async () => {
  await stranger.goto(journey.server.url + '/contact/' + 'A'.repeat(43))
  await stranger.getByText('This link leads to nothing any more').waitFor()
  await assertFine(stranger, 'questions dead link')
  await stranger.getByRole('link', { name: 'Contact' }).click()
  await stranger.getByRole('button', { name: 'Send message' }).waitFor()
})

test('who is signed in sees what they have asked, and the answers', async () => {
  await operator.goto(journey.server.url + '/contact')
  await operator.getByLabel('Message').fill('Do the doors close by themselves?')
  await operator.getByRole('button', { name: 'Send message' }).click()
  await operator.getByText('What you have asked').waitFor()
  await assertFine(operator, 'questions own')
  assert.deepEqual(journey.errors.filter((one) => !one.includes('403')), [])
})
