import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { ownersJourney } from './support/journey.ts'

const journey = await ownersJourney()
const { page, client } = journey
const openings = page.getByTestId('kind-openings')
const sheet = page.getByRole('dialog')

const fine = (what: string): Promise<void> => assertFine(page, `retention ${what}`)

test('an owner sees what a shorter time would erase before they decide, and until when it can be taken back', async () => {
  await page.goto(journey.server.url + '/audit')
  await page.getByRole('link', { name: 'Retention' }).click()
  await openings.getByText('Kept for as long as the record').waitFor()
  await fine('first')
  await openings.getByRole('button', { name: 'Change: Openings' }).click()
  await sheet.getByLabel('How long').selectOption({ label: '365 days' })
  await sheet.getByText('No row is that old yet.').waitFor()
  await fine('choosing')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await openings.getByText('Kept for 365 days').waitFor()
  await openings.getByText('Until then: Kept for as long as the record.').waitFor()
  await fine('waiting')
  const [kept] = (await client.audit.retention()).kinds
  assert.deepEqual([kept?.kind, kept?.days, kept?.before], ['openings', 365, null])
})

test('who decides after somebody else has is told, and sees what it is now', async () => {
  await openings.getByRole('button', { name: 'Change: Openings' }).click()
  await client.audit.changeRetention({ kind: 'openings', days: 730, before: 365 })
  await sheet.getByLabel('How long').selectOption({ label: 'Kept for as long as the record' })
  await sheet.getByText('A longer time holds at once. What was erased stays erased.').waitFor()
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.getByRole('alert').waitFor()
  await page.keyboard.press('Escape')
  await openings.getByText('Kept for 730 days').waitFor()
  await openings.getByRole('button', { name: 'Change: Openings' }).click()
  await sheet.getByLabel('How long').selectOption({ label: 'Kept for as long as the record' })
  await sheet.getByRole('button', { name: 'Save' }).click()
  await openings.getByText('Kept for as long as the record').waitFor()
  assert.equal(await openings.getByText('Until then').count(), 0, 'taken back, at once')
  await page.goto(journey.server.url + '/settings')
  await page.getByRole('link', { name: /How long contents of the record are kept/ }).waitFor()
})
