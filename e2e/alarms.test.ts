import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { simulatedDoor } from './support/doors.ts'
import { ownersJourney } from './support/journey.ts'
import { owner } from './support/server.ts'

const journey = await ownersJourney({ hasMail: true })
const { page, client, mail } = journey
const { door, controller } = await simulatedDoor(client, journey.server.mqttPort, 'Front door')
after(() => { door.stop() })
await client.controllers.policies(controller.id, { forcedDoors: true, heldDoorMs: 0, lowMillivolts: 0, criticalMillivolts: 0, failSafeLocks: [], menu: false })
await client.people.add({ name: 'Otto Berg', email: 'otto@example.org', role: 'operator', password: 'four grey harbours' })
const card = (kind: string) => page.getByTestId('alarm').filter({ hasText: kind })

test('nothing is wrong: the page says so', async () => {
  await page.getByRole('link', { name: 'Alerts' }).click()
  await page.getByText('All is well').waitFor()
  await assertFine(page, 'alerts none')
})

test('a door that is forced appears by itself, and the owner gets one mail', async () => {
  door.force(1)
  await card('Door forced open').waitFor()
  assert.match(await card('Door forced open').innerText(), /Front door[\s\S]*Somebody should look there/)
  await mail.until(1)
  assert.deepEqual([mail.mails[0]?.subject, mail.mails[0]?.to?.[0]?.address], ['Door forced open: Front door', owner.email])
  for (const [tries, next] of ['Not accepted', 'Not accepted', 'Keypad locked'].entries()) {
    door.type(`0000${tries}00#`)
    await door.until((one) => one.rows()[0].startsWith(next))
    if (next === 'Not accepted') await door.until((one) => one.rows()[1].includes('Enter code'), 10_000)
  }
  await card('Keypad locked').getByText(/ends in [12]:/).waitFor()
  await page.getByText('2 are open.').first().waitFor()
  await assertFine(page, 'alerts open')
})

test('acknowledged, taken and put off by keyboard; closing the door ends its alarm by itself', async () => {
  const forced = card('Door forced open')
  await forced.getByRole('button', { name: 'Acknowledge: Door forced open, Front door' }).focus()
  await page.keyboard.press('Enter')
  await forced.getByText(/^Acknowledged by /).waitFor()
  await forced.getByRole('button', { name: /^I see to it/ }).click()
  await forced.getByText('You see to it').waitFor()
  await card('Keypad locked').getByRole('button', { name: /^Put off/ }).click()
  await assertFine(page, 'alerts putting off')
  await page.getByRole('dialog').getByRole('button', { name: 'Put off' }).click()
  await card('Keypad locked').getByText('Put off until').waitFor()
  await assertFine(page, 'alerts seen')
  door.closeDoor(1)
  await forced.waitFor({ state: 'detached' })
  await page.getByRole('radio', { name: 'All', exact: true }).check()
  await card('Door forced open').getByText('Ended by itself').waitFor()
  await assertFine(page, 'alerts over')
  await page.getByRole('radio', { name: 'Mine' }).check()
  await page.getByText('Nothing is given to you').waitFor()
})

test('a rule is made as a sentence; the next alarm goes by it', async () => {
  await page.getByRole('link', { name: 'Who is told' }).click()
  await page.getByText('By mail and notification to all owners and all administrators: everything, everywhere, at any hour.').waitFor()
  await assertFine(page, 'alerts rules')
  await page.getByRole('button', { name: 'Add a rule' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('radio', { name: 'Mail', exact: true }).check()
  await form.getByLabel('all owners').uncheck()
  await form.getByLabel('all administrators').uncheck()
  await form.getByLabel('Otto Berg').check()
  await form.getByLabel('Door forced open').check()
  await form.getByLabel('Where').selectOption({ label: 'Front door' })
  assert.equal(await form.getByTestId('preview').innerText(), 'By mail to Otto Berg: Door forced open, at Front door, at any hour.')
  await form.getByLabel('Only at certain hours').check()
  await assertFine(page, 'alerts making a rule')
  await form.getByLabel('Only at certain hours').uncheck()
  await form.getByRole('button', { name: 'Save' }).click()
  await form.waitFor({ state: 'detached' })
  const [first, second] = await page.getByTestId('rule').allInnerTexts()
  assert.match(first ?? '', /By mail to Otto Berg/)
  assert.match(second ?? '', /everything, everywhere/)
  const before = mail.mails.length
  door.force(1)
  await mail.until(before + 1)
  assert.deepEqual(mail.mails.slice(before).map((one) => [one.subject, one.to?.[0]?.address]), [['Door forced open: Front door', 'otto@example.org']])
  assert.deepEqual(journey.errors, [])
})
