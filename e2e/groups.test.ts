import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { simulatedDoor } from './support/doors.ts'
import { ownersJourney } from './support/journey.ts'
import { owner } from './support/server.ts'

/** It is a Friday in Lisbon, ten minutes to six in the evening. */
const started = Date.now()
let now = Date.UTC(2026, 10, 27, 17, 50)
const { server, client, page, errors } = await ownersJourney({ clock: () => now + Date.now() - started })
const frontDoor = (await client.places.get()).doors[0]?.id ?? ''
for (const grant of (await client.grants.list()).grants) await client.grants.end(grant.id)
const { door } = await simulatedDoor(client, server.mqttPort, 'Front door')
after(() => { door.stop() })

const sheet = () => page.locator('dialog:modal').last()

test('a group is made, given a whole bank and a door for working hours, and takes somebody in', async () => {
  await page.goto(server.url + '/people')
  await page.getByRole('button', { name: 'Groups' }).click()
  await sheet().getByText('No group yet.').waitFor()
  await assertFine(page, 'no group')
  await sheet().getByRole('button', { name: 'Make group' }).click()
  await sheet().getByText('Give it a name.').waitFor()
  await sheet().getByLabel('Name of the new group').fill('Day shift')
  await sheet().getByRole('button', { name: 'Make group' }).click()
  await sheet().getByText('Nothing yet.').waitFor()
  await sheet().getByRole('button', { name: 'Give access' }).click()
  await sheet().getByRole('button', { name: /^All/ }).first().click()
  await sheet().getByRole('checkbox', { name: 'Front door' }).check()
  await sheet().getByLabel('Only at certain hours').check()
  await sheet().getByLabel('To', { exact: true }).fill('18:00')
  await assertFine(page, 'access for a group')
  await sheet().getByRole('button', { name: 'Give access' }).click()
  await sheet().getByText('all of Bank A').waitFor()
  await sheet().getByText('Mon–Fri 08:00–18:00').first().waitFor()
  await sheet().getByRole('radio', { name: owner.name }).check()
  await sheet().getByRole('button', { name: 'Take in', exact: true }).click()
  await sheet().getByRole('button', { name: `Take ${owner.name} out` }).waitFor()
  await assertFine(page, 'a group')
  const [group] = (await client.groups.list()).groups
  assert.deepEqual(group?.grants.map((grant) => grant.bankId !== null), [true, false], 'the bank is one grant, with all that it gets')
})

test('a list brings people into it, and a name that is no group is a fault of its line', async () => {
  await page.goto(server.url + '/people?import')
  const asked = page.waitForEvent('filechooser')
  await sheet().getByRole('button', { name: /^Choose/ }).click()
  await (await asked).setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('name,email,group\nNoor Adel,noor@example.org,day shift\nOdd,odd@example.org,Daishift') })
  await sheet().getByText('There is no group of this name. Make it first.').waitFor()
  await sheet().getByRole('button', { name: /^Import 1 / }).click()
  await sheet().getByText('The import is done.').waitFor()
  await sheet().getByRole('button', { name: 'Close' }).click()
  await page.getByText('Noor Adel').locator('visible=true').first().click()
  await page.getByText('through the group Day shift').locator('visible=true').first().waitFor()
})

test('the door opens by it; after hours it does not, and the record names the schedule', async () => {
  const first = await client.codes.issue({ accessPointId: frontDoor })
  door.type(first.digits + '#')
  await page.goto(server.url + '/audit')
  await page.getByText('opened Front door').first().waitFor()
  now += 8 * 60_000
  const late = await client.codes.issue({ accessPointId: frontDoor })
  now += 4 * 60_000
  door.type(late.digits + '#')
  await page.getByText('was refused at Front door').waitFor()
  await page.getByRole('button', { name: 'Why?' }).first().click()
  await page.getByText('The access does not hold at this hour of this day of the week.').waitFor()
})

test('who may open what names the group, and whoever is taken out of it may not any more', async () => {
  await page.goto(`${server.url}/places?accessPoint=${frontDoor}`)
  await page.getByRole('button', { name: 'Who may open what?' }).last().click()
  const explain = page.getByTestId('explain')
  await explain.getByRole('radio', { name: owner.name }).check()
  await explain.getByLabel('When').fill('2026-11-30T09:00')
  await explain.getByText(`${owner.name} would open Front door.`).waitFor()
  await explain.getByText('through the group Day shift').first().waitFor()
  await assertFine(page, 'explained through a group')
  await page.goto(server.url + '/people')
  await page.getByRole('button', { name: 'Groups' }).click()
  await sheet().getByRole('button', { name: /^Day shift/ }).click()
  await sheet().getByRole('button', { name: `Take ${owner.name} out` }).click()
  await sheet().getByRole('button', { name: `Take ${owner.name} out` }).click()
  await sheet().getByRole('button', { name: `Take ${owner.name} out` }).waitFor({ state: 'detached' })
  await assert.rejects(client.codes.issue({ accessPointId: frontDoor }), /no access/)
  await sheet().getByText('end its access and take its people out of it first').waitFor()
  const ends = async (name: RegExp, go: string | RegExp): Promise<void> => {
    await sheet().getByRole('button', { name }).click()
    await sheet().getByRole('button', { name: go }).click()
    await sheet().getByRole('button', { name }).waitFor({ state: 'detached' })
  }
  await sheet().getByRole('button', { name: 'Rename …' }).click()
  await sheet().getByLabel('Name', { exact: true }).fill('Early shift')
  await sheet().getByRole('button', { name: 'Rename', exact: true }).click()
  await sheet().getByRole('heading', { name: 'Early shift' }).waitFor()
  await ends(/^Take Noor Adel out/, /^Take Noor Adel out/)
  await ends(/^End access to all of Bank A/, 'End access')
  await ends(/^End access to Front door/, 'End access')
  await sheet().getByRole('button', { name: 'Remove group' }).click()
  await sheet().getByText('No group yet.').waitFor()
  assert.deepEqual(errors, [])
})
