import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { SimulatedDoor } from '@oncekey/simulator'
import type { Browser } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let server: Running
let client: Client
let front: SimulatedDoor | undefined
let frontId = ''

before(async () => {
  browser = await openBrowser()
  server = await runServer()
  client = await setUp(server)
  frontId = (await client.places.get()).doors[0]?.id ?? ''
  front = (await simulatedDoor(client, server.mqttPort, 'Front door')).door
})

after(async () => {
  front?.stop()
  await browser.close()
  await server.end()
})

test('a hold from the panel of a door, a lockdown that one controller has not heard, and its end', async () => {
  assert.ok(front)
  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(`${server.url}/live?accessPoint=${frontId}`)
  const panel = page.getByRole('dialog', { name: 'Front door' })
  await panel.getByText('Lock number').waitFor()
  await panel.getByRole('button', { name: 'Hold …' }).click()
  let sheet = page.getByRole('dialog', { name: 'Hold Front door' })
  await sheet.getByText('It rules 1 door.').waitFor()
  await assertFine(page, 'watch hold asked')
  await sheet.getByLabel('Reason').fill('Broken glass')
  await sheet.getByRole('button', { name: 'Hold now' }).click()
  await page.locator('[data-order="hold"]').getByText('All its controllers go by it.').waitFor()
  await front.until((one) => one.rows()[1].startsWith('Keypad locked'), 15_000)
  assert.equal(await panel.getByRole('button', { name: 'Unlock …' }).isDisabled(), true)
  await panel.getByText('put a hold on').first().waitFor()
  await assertFine(page, 'watch held')
  await panel.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'Lock down …' }).click()
  sheet = page.getByRole('dialog', { name: 'Lock down' })
  await sheet.getByTestId('reach').getByText('1 door and').waitFor()
  await assertFine(page, 'watch lockdown asked')
  await sheet.getByLabel('Reason').fill('Somebody shouted')
  await sheet.getByRole('button', { name: 'Lock down now' }).click()
  const order = page.locator('[data-order="lockdown"]')
  await order.getByText('1 controller has not heard it yet: ').waitFor()
  await page.locator('.compartment').first().getByText('Locked down').waitFor()
  await assertFine(page, 'watch lockdown')

  // The bank comes on line: the page hears that it follows, without being loaded.
  const bank = (await client.places.get()).controllers.find((one) => !one.name.includes('Front'))
  assert.ok(bank)
  const simulation = await client.controllers.simulation(bank.id)
  const { simulateDoor, identityFrom, mqttLink, nodeHmac } = await import('@oncekey/simulator')
  const locker = simulateDoor({ identity: identityFrom(simulation), locks: simulation.locks, link: mqttLink({ url: `mqtt://127.0.0.1:${server.mqttPort}` }), hmac: nodeHmac })
  await order.getByText('All its controllers go by it.').waitFor()
  await locker.until((one) => one.rows()[1].startsWith('Keypad locked'), 15_000)
  locker.stop()

  await order.getByRole('button', { name: 'End …' }).click()
  sheet = page.getByRole('dialog', { name: 'End the lockdown of Harbour Hall' })
  await sheet.getByLabel('Reason').fill('A false alarm')
  await sheet.getByRole('button', { name: 'End it now' }).click()
  await order.waitFor({ state: 'detached' })
  await page.locator('[data-order="hold"]').getByRole('button', { name: 'End …' }).click()
  sheet = page.getByRole('dialog', { name: 'End the hold on Front door' })
  await sheet.getByLabel('Reason').fill('Swept up')
  await sheet.getByRole('button', { name: 'End it now' }).click()
  await page.locator('[data-order]').waitFor({ state: 'detached' })
  await front.until((one) => one.rows()[1].includes('Enter code'), 15_000)
  await context.close()
  assert.deepEqual(errors, [])
})

test('an evacuation unlocks the door, says so, and locks it again', async () => {
  assert.ok(front)
  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(server.url + '/live')
  await page.getByRole('button', { name: 'Evacuate …' }).click()
  let sheet = page.getByRole('dialog', { name: 'Evacuate' })
  await sheet.getByText('It rules 1 door.').waitFor()
  await sheet.getByLabel('Reason').fill('Smoke in the cellar')
  await sheet.getByRole('button', { name: 'Unlock the doors now' }).click()
  const order = page.locator('[data-order="evacuation"]')
  await order.waitFor()
  await page.locator('[data-access-point="Front door"] [data-lock-state="unlocked"]').waitFor()
  await front.until((one) => one.rows()[0].startsWith('Open: '), 15_000)
  await assertFine(page, 'watch evacuation')
  await order.getByRole('button', { name: 'End …' }).click()
  sheet = page.getByRole('dialog', { name: 'End the evacuation of Harbour Hall' })
  await sheet.getByLabel('Reason').fill('The fire brigade left')
  await sheet.getByRole('button', { name: 'End it now' }).click()
  await page.locator('[data-access-point="Front door"] [data-lock-state="locked"]').waitFor()
  await context.close()
  assert.deepEqual(errors, [])
})
