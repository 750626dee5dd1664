import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { Browser, Page } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let server: Running
let client: Client
let browser: Browser
let page: Page
let errors: string[]

before(async () => {
  server = await runServer()
  client = await setUp(server)
  browser = await openBrowser()
  const opened = await openPage(browser, { size: 'phone' })
  page = opened.page
  errors = opened.errors
  await signIn(page, server.url)
})

after(async () => {
  await browser.close()
  await server.end()
})

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
