import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { ownersJourney } from './support/journey.ts'

const { server, client, page, errors } = await ownersJourney({})

const main = () => page.getByRole('main')
const sheet = () => page.locator('dialog:modal').last()
async function choose (name: string, text: string | Buffer): Promise<void> {
  const asked = page.waitForEvent('filechooser')
  await sheet().getByRole('button', { name: /^Choose/ }).click()
  await (await asked).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
}

test('a list with a wrong line says which, and imports nothing', async () => {
  await page.goto(server.url + '/places')
  await main().getByRole('button', { name: 'Import', exact: true }).click()
  await sheet().getByText('Choose a CSV file').waitFor()
  await assertFine(page, 'importing places, before a file')
  await choose('columns.csv', 'name,size\nB01,S')
  await sheet().getByText('at least name and bank. Look at line 1.').waitFor()
  await choose('wrong.csv', 'name,bank,size,height\nB01-B20,Parcels,S,1400\nB20,parcels,,\nGate,,M,\nB21,Parcels,L,high')
  await sheet().getByText('Line 2 has this one already.').waitFor()
  await sheet().getByText('Is its bank missing?').waitFor()
  await sheet().getByText('A height is a whole number of millimetres').waitFor()
  await assertFine(page, 'a list of places with faults')
  assert.equal(await sheet().getByRole('button', { name: 'Import all of it' }).count(), 0)
  assert.equal((await client.places.get()).banks.some((bank) => bank.name === 'Parcels'), false)
})

test('a mended list is looked at, then there: banks, compartments by range with size and height, and a door', async () => {
  await choose('places.csv', 'name,bank,size,height\nB01-B20,Parcels,S,1400\nB21-B24,Parcels,L,0\nGate,,,')
  await sheet().getByRole('button', { name: 'Import all of it' }).waitFor()
  assert.deepEqual(await sheet().getByRole('status').getByRole('listitem').allTextContents(), ['25new', '1new banks'])
  await assertFine(page, 'a list of places, looked at')
  await sheet().getByRole('button', { name: 'Import all of it' }).click()
  await main().getByRole('heading', { name: 'Parcels' }).waitFor()
  await main().getByRole('button', { name: /^B21/ }).click()
  await page.getByText('Size L · 0 mm above the floor').locator('visible=true').first().waitFor()
  await assertFine(page, 'a compartment with its size and height')
})

test('a bank by range says the size and height of all of it', async () => {
  await page.goto(server.url + '/places')
  await main().getByRole('button', { name: 'Add bank' }).click()
  await sheet().getByLabel('Name of the bank').fill('Tall ones')
  await sheet().getByLabel(/^Names/).or(sheet().locator('[name=range]')).first().fill('T1-T3')
  await sheet().locator('[name=size]').fill('XL')
  await sheet().locator('[name=heightMm]').fill('low')
  await sheet().getByText('A whole number from 0 to 5000.').waitFor()
  await sheet().locator('[name=heightMm]').fill('100')
  await assertFine(page, 'a bank with sizes')
  await sheet().getByRole('button', { name: 'Add bank' }).click()
  await main().getByRole('heading', { name: 'Tall ones' }).waitFor()
  const bank = (await client.places.get()).banks.find((each) => each.name === 'Tall ones')
  assert.deepEqual(bank?.accessPoints.map((point) => [point.name, point.size, point.heightMm]), [['T1', 'XL', 100], ['T2', 'XL', 100], ['T3', 'XL', 100]])
})

test('a bank is renamed; whoever renames it at the same time is told, and keeps what was typed', async () => {
  await main().getByRole('button', { name: 'Rename Tall ones' }).click()
  await sheet().getByLabel('Name').fill('Wardrobes')
  const bank = (await client.places.get()).banks.find((each) => each.name === 'Tall ones')
  const elsewhere = await page.context().request.patch(`${server.url}/api/v1/banks/${bank?.id}`, { data: { name: 'Cupboards' }, headers: { origin: server.url } })
  assert.equal(elsewhere.status(), 200, await elsewhere.text())
  await sheet().getByRole('button', { name: 'Rename' }).click()
  await sheet().getByText('Somebody else has changed this meanwhile.').waitFor()
  assert.equal(await sheet().getByLabel('Name').inputValue(), 'Wardrobes')
  await assertFine(page, 'a name that somebody else changed')
  await sheet().getByRole('button', { name: 'Close' }).click()
  await main().getByRole('heading', { name: 'Cupboards' }).waitFor()
  await main().getByRole('button', { name: 'Rename Cupboards' }).click()
  await sheet().getByLabel('Name').fill('Wardrobes')
  await sheet().getByRole('button', { name: 'Rename' }).click()
  await main().getByRole('heading', { name: 'Wardrobes' }).waitFor()
  assert.deepEqual(errors.filter((error) => !error.includes('409')), [])
})

test('a bank that a lockdown holds stays; once that has ended it goes with all of it', async () => {
  const bank = (await client.places.get()).banks.find((each) => each.name === 'Wardrobes')
  const { orders: [order] } = await client.standingOrders.give({ kind: 'lockdown', bankId: bank?.id ?? '', reason: 'A key is missing' })
  await main().getByRole('button', { name: 'Remove Wardrobes' }).click()
  await sheet().getByText('3 compartments go with it.').waitFor()
  await assertFine(page, 'a bank before it is removed')
  await sheet().getByRole('button', { name: 'Remove it' }).click()
  await sheet().getByText('A hold, lockdown or evacuation is in force here.').waitFor()
  await assertFine(page, 'a bank that is in use')
  await client.standingOrders.end(order?.id ?? '', 'It is back')
  await sheet().getByRole('button', { name: 'Remove it' }).click()
  await main().getByRole('heading', { name: 'Wardrobes' }).waitFor({ state: 'detached' })
  assert.equal((await client.places.get()).banks.some((each) => each.name === 'Wardrobes'), false)
  assert.deepEqual(errors.filter((error) => !error.includes('409')), [])
})
