import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine, overflow, violations } from './support/axe.ts'
import { sizes } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { ownersJourney } from './support/journey.ts'
import { doorOf } from './support/pages.ts'

let shiftMs = 0
const { mail, server, client, browser, page, errors } = await ownersJourney({ hasMail: true, clock: () => Date.now() + shiftMs })
const [point = assert.fail('no door')] = (await client.places.get()).doors.flatMap(({ id, name, controllerId }) => controllerId === null ? [] : [{ id, name, controllerId }])

const sheet = () => page.getByRole('dialog')
const asked = () => page.getByTestId('asked-at-door')

async function choose (way: string): Promise<void> {
  await page.goto(`${server.url}/places`)
  await page.getByRole('button', { name: new RegExp(`^${point.name}`) }).click()
  await page.getByRole('button', { name: 'Change …' }).click()
  await sheet().getByRole('radio', { name: way, exact: true }).check()
  await assertFine(page, 'the setting')
  await sheet().getByRole('button', { name: 'Save' }).click()
  await page.getByText('The door hears of it').waitFor()
}

test('* at the door is a mail to three, one of whom is refused; the code opens; without a network an offline code does, and the record has its time', async () => {
  await choose('Send a code')
  for (const address of ['ana@example.org', 'ben@example.org', 'cleo@example.org']) {
    await page.getByRole('button', { name: 'Add a recipient' }).click()
    await page.getByLabel('Or an e-mail address').fill(address)
    if (address.startsWith('cleo')) await page.getByRole('radio', { name: 'Deutsch' }).check()
    if (address.startsWith('ben')) await assertFine(page, 'a recipient')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('button', { name: `Remove ${address}` }).waitFor()
  }
  await page.getByText('a code to unlock sent to everybody below').waitFor()
  await assertFine(page, 'the door')
  mail.refused.add('ben@example.org')

  await page.goto(`${server.url}/live?accessPoint=${point.id}`)
  await asked().getByText('Nobody has asked').waitFor()
  const door = doorOf(await page.context().newPage())
  await door.root.page().goto(`${server.url}/door/${point.controllerId}`)
  await door.until(/Enter code/)
  await door.type('*')
  await door.until(/Code sent to.*2 of 3/)
  assert.equal(mail.mails.length, 2)

  // On the page without a reload, and by the API.
  await asked().getByText('2 of 3 got it').waitFor()
  await asked().getByText('b•••@example.org').waitFor()
  await asked().getByText('not taken yet').waitFor()
  await assertFine(page, 'a live code')
  const [code] = (await client.doors.codes(point.id)).codes
  assert.deepEqual([code?.state, code?.deliveries.map(({ state }) => state).sort()], ['issued', ['retrying', 'sent', 'sent']])

  await door.type('#')
  await door.until(/Already sent to.*2 of 3/)
  assert.equal(mail.mails.length, 2, 'nobody is written to again')
  const mailTo = (who: string) => mail.mails.find((one) => one.to?.[0]?.address === `${who}@example.org`)
  const digits = /The code is (\d+)/.exec(mailTo('ana')?.text ?? '')?.[1] ?? ''
  assert.deepEqual([mailTo('cleo')?.subject, mailTo('cleo')?.text?.includes(`Der Code ist ${digits}`)], [`Code für ${point.name}`, true])
  await door.type(digits + '#')
  await door.until(/Open: /)
  await asked().getByText('used').waitFor()
  const granted = (await client.audit.page({ event: 'access.granted' })).rows[0]
  assert.deepEqual([granted?.actor ?? null, granted?.accessPoint?.name], [null, point.name])

  // The link in the mail: a page without a script in the browser's language, whose button reaches us.
  const link = (who: string): string => /http\S+\/stop-code\/[\w-]+/.exec(mailTo(who)?.text ?? '')?.[0] ?? ''
  const german = await browser.newContext({ locale: 'de-DE', viewport: sizes.phone })
  const stopGerman = await german.newPage()
  await stopGerman.goto(link('cleo'))
  await stopGerman.getByRole('button', { name: 'Code beenden' }).waitFor()
  assert.deepEqual(await violations(stopGerman), [])
  await german.close()
  const stop = await page.context().newPage()
  await stop.goto(link('ana'))
  assert.deepEqual(await violations(stop), [])
  await stop.getByRole('button', { name: 'End the code' }).click()
  await stop.getByText('The code was used').waitFor()
  assert.equal(await overflow(stop), 0)
  await stop.close()

  // An offline code for somebody, and time for the door to compute.
  await client.controllers.offlineCodes(point.controllerId, { clock: 'trusted' })
  const { person } = await client.people.add({ name: 'Maya Lind', email: 'maya@example.org', role: 'member' })
  await client.grants.give({ personId: person.id, accessPointIds: [point.id] })
  const made = await client.codes.issue({ accessPointId: point.id, personId: person.id, offline: 'hours4', deliver: false })
  await door.computes()
  const plug = door.root.page().getByTestId('switch-network')
  await plug.click()
  await door.until(/offline.*Enter code/)
  await door.type('*')
  await door.until(/offline.*Try again later/)
  await door.type(made.digits + '#')
  await door.until(/Open: /)
  const opened = Date.now()
  await door.until(/offline.*Enter code/)
  await page.waitForTimeout(3000)
  await plug.click()
  await door.until(/^(?!.*offline).*Enter code/)
  await page.goto(`${server.url}/audit`)
  await page.getByText(`Maya Lind opened ${point.name} by off-line code`).first().waitFor()
  const row = (await client.audit.page({ event: 'lock.actuated' })).rows.find((one) => one.details['source'] === 'offlineCode')
  assert.ok(Math.abs(Number(row?.details['at']) - opened) < 3000, 'its own time, not that of its arrival')
  await door.root.page().close()
  assert.deepEqual(errors, [])
})

test('where somebody has to say yes, the request is on the Live page at once, and the door hears the answer', async () => {
  await choose('Ask first, then move the lock')
  await page.goto(`${server.url}/live`)
  await page.getByText('Openings today').waitFor()
  // The budget of the door: half a minute between two codes.
  shiftMs += 30_000
  const { door } = await simulatedDoor(client, server.mqttPort, point.name)
  const shows = (text: RegExp): Promise<void> => door.until((one) => text.test(one.rows().join('|')), 15_000)
  try {
    door.type('*')
    await shows(/Request sent.*Wait for a yes/)
    await asked().getByText(`${point.name}: wants to unlock`).waitFor()
    await assertFine(page, 'a request')
    await asked().getByRole('button', { name: 'Yes' }).click()
    await page.getByText('You said yes').waitFor()
    await shows(/Open: /)
    await door.until((one) => one.lock(1).lockState === 'unlocked', 5000)
    await asked().waitFor({ state: 'detached' })
    door.type('#')
    await shows(/Too many codes.*Wait/)
  } finally {
    door.stop()
  }
  assert.deepEqual(errors, [])
})
