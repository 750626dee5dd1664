import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Client } from '@oncekey/client'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { doorOf, signIn } from './support/pages.ts'
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

const sheet = () => page.getByRole('dialog').last()

test('a pin for the lift company: made, shown once, it opens with and without the network, and is revoked while the door is away', async () => {
  const { controllers, doors } = await client.places.get()
  const controller = controllers.find((one) => doors.some((door) => door.controllerId === one.id))
  const point = doors.find((door) => door.controllerId === controller?.id)
  assert.ok(controller !== undefined && point !== undefined)

  await page.goto(server.url + '/places')
  await page.getByRole('button', { name: `Codes without a network at ${controller.name}` }).click()
  await sheet().getByLabel('Pins without a network').selectOption('Open for 7 days')
  await assertFine(page, 'the setting')
  await sheet().getByRole('button', { name: 'Save' }).click()
  await page.getByText('Pins without a network: Open for 7 days.').waitFor()
  await assertFine(page, 'the controllers')

  const door = doorOf(await page.context().newPage())
  await door.root.page().goto(`${server.url}/door/${controller.id}`)
  await door.until(/Enter code/)

  const detail = async (): Promise<void> => {
    await page.goto(server.url + '/places')
    await page.getByRole('button', { name: new RegExp(`^${point.name}`) }).first().click()
    await page.getByRole('heading', { name: 'Pins', exact: true }).waitFor()
  }
  await detail()
  await page.getByText('There is none.').waitFor()
  await page.getByRole('button', { name: 'Make a pin' }).click()
  await sheet().getByLabel('What for').fill('Lift company')
  await sheet().getByLabel('Ends', { exact: true }).fill('2020-01-01T10:00')
  await sheet().getByRole('button', { name: 'Make a pin' }).click()
  await sheet().getByText('Choose a time that is still to come.').waitFor()
  await assertFine(page, 'making it')
  await sheet().getByLabel('Ends', { exact: true }).fill('')
  await sheet().getByRole('button', { name: 'Make a pin' }).click()
  const digits = (await page.getByTestId('made-pin').getByTestId('digits').textContent() ?? '').replace(/\D/g, '')
  assert.match(digits, /^\d{8}$/)
  await assertFine(page, 'the pin')
  await sheet().getByRole('button', { name: 'Done' }).click()
  await page.getByText('never used').waitFor()
  await assertFine(page, 'the list')
  assert.equal((await page.content()).includes(digits), false)

  await door.type(digits + '#')
  await door.until(/Open: /)
  await door.until(/Enter code/, 30_000)
  const plug = door.root.page().getByTestId('switch-network')
  await plug.click()
  await door.until(/offline.*Enter code/)
  await page.waitForTimeout(1000)
  await detail()
  await page.getByRole('button', { name: 'Revoke Lift company' }).click()
  await sheet().getByText('But this door has no network now.').waitFor()
  await assertFine(page, 'revoking it')
  await sheet().getByRole('button', { name: 'Revoke', exact: true }).click()
  await page.getByText('Revoked, but the door has not heard of it.').waitFor()
  await assertFine(page, 'revoked')
  await door.type(digits + '#')
  await door.until(/Open: /)
  await door.until(/offline.*Enter code/, 30_000)
  await plug.click()
  await door.until(/^(?!.*offline).*Enter code/)
  await page.goto(server.url + '/audit')
  await page.getByText(`${point.name} was unlocked without a network with the pin Lift company, which had been revoked`).waitFor()
  await page.getByText(`The pin Lift company was accepted at ${point.name}`).waitFor()
  await plug.click()
  await door.until(/offline/)
  await door.type(digits + '#')
  await door.until(/offline/)
  assert.deepEqual((await client.doors.pins(point.id)).pins, [])
  assert.deepEqual(errors, [])
})
