import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { ownersJourney } from './support/journey.ts'

const { server, client, page, errors } = await ownersJourney()

test('an administrator says when a door is an alarm, and what happens when a battery ends', async () => {
  const { controllers, doors } = await client.places.get()
  const controller = controllers.find((one) => doors.some((door) => door.controllerId === one.id))
  const door = doors.find((one) => one.controllerId === controller?.id)
  assert.ok(controller !== undefined && door !== undefined)
  await page.goto(server.url + '/places')
  await page.getByRole('button', { name: `Doors and battery of ${controller.name}` }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Alarm when a door stays open').selectOption('After 15 minutes')
  await sheet.getByLabel('It runs on a battery').check()
  await sheet.getByLabel('Low below').fill('3,4')
  await sheet.getByLabel('Nearly empty below').fill('3.6')
  await sheet.getByLabel(`Unlock ${door.name} once`).check()
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.getByText('At most as much as low').waitFor()
  await assertFine(page, 'the sheet')
  await sheet.getByLabel('Nearly empty below').fill('3.2')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const saved = (await client.places.get()).controllers.find((one) => one.id === controller.id)?.policies
  assert.deepEqual(saved, { forcedDoors: true, heldDoorMs: 900_000, lowMillivolts: 3400, criticalMillivolts: 3200, failSafeLocks: [door.lock], menu: false })
  await assertFine(page, 'the page')
  assert.deepEqual(errors, [])
})
