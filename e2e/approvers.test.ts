import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Client } from '@oncekey/client'
import type { SimulatedDoor } from '@oncekey/simulator'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

const ana = { email: 'ana@example.org', password: 'four grey harbours' }
const oto = { email: 'oto@example.org', password: 'five green harbours' }
let server: Running
let client: Client
let browser: Browser
let door: SimulatedDoor
let owner: { page: Page, errors: string[] }
let holder: { page: Page, errors: string[] }
let point: { id: string, name: string }

before(async () => {
  server = await runServer()
  client = await setUp(server)
  await client.people.add({ name: 'Ana Lund', role: 'member', ...ana })
  await client.people.add({ name: 'Oto Berg', role: 'operator', ...oto })
  point = (await client.places.get()).doors[0] ?? assert.fail('no door')
  door = (await simulatedDoor(client, server.mqttPort, point.name)).door
  browser = await openBrowser()
  owner = await openPage(browser, { size: 'desktop' })
  holder = await openPage(browser, { size: 'phone' })
  await signIn(owner.page, server.url)
  await signIn(holder.page, server.url, ana)
})

after(async () => {
  door.stop()
  await browser.close()
  await server.end()
})

test('an administrator names who may say yes at a door', async () => {
  const { page } = owner
  const sheet = page.getByRole('dialog')
  await page.goto(`${server.url}/places`)
  await page.getByRole('button', { name: new RegExp(`^${point.name}`) }).click()
  await page.getByRole('button', { name: 'Change …' }).click()
  await sheet.getByRole('radio', { name: 'Ask first, then move the lock', exact: true }).check()
  await sheet.getByRole('button', { name: 'Add somebody' }).click()
  await sheet.getByRole('radio', { name: /Ana Lund/ }).check()
  await sheet.getByRole('button', { name: 'Add', exact: true }).click()
  await sheet.getByRole('button', { name: 'Remove Ana Lund' }).waitFor()
  await assertFine(page, 'naming')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Only these and administrators may say yes: Ana Lund.').waitFor()
  await assertFine(page, 'named')
})

test('the request is on her page at once, an operator may not answer it, and her yes moves the lock', async () => {
  const { page } = holder
  await page.goto(`${server.url}/access`)
  await page.getByText('Nobody has given you access yet').waitFor()
  const operator = await openPage(browser, { size: 'desktop' })
  await signIn(operator.page, server.url, oto)
  await operator.page.goto(`${server.url}/live`)
  await operator.page.getByText('Openings today').waitFor()
  door.type('*')
  await door.until((one) => one.rows().join('|').includes('Wait for a yes'), 15_000)
  await page.getByRole('link', { name: 'Somebody waits at a door' }).waitFor()
  await assertFine(page, 'told')
  await operator.page.getByText('Only those who are named for this door, and administrators, may answer.').waitFor()
  assert.equal(await operator.page.getByRole('button', { name: 'Yes' }).count(), 0)
  await assertFine(operator.page, 'not theirs')
  await page.getByRole('link', { name: 'Somebody waits at a door' }).click()
  await page.getByText(`${point.name}: wants to unlock`).first().waitFor()
  await page.getByText('A yes moves the lock at once.').waitFor()
  await assertFine(page, 'asked')
  await page.getByRole('button', { name: `Yes, at ${point.name}` }).click()
  await page.getByText('You said yes').waitFor()
  await door.until((one) => one.lock(1).lockState === 'unlocked', 5000)
  await page.getByText('Nobody waits at a door').waitFor()
  await assertFine(page, 'nobody')
  const approved = (await client.audit.page({ event: 'door.codeApproved' })).rows[0]
  assert.deepEqual([approved?.actor?.name, approved?.accessPoint?.name], ['Ana Lund', point.name])
  assert.deepEqual([...owner.errors, ...holder.errors, ...operator.errors], [])
})
