import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { SimulatedDoor } from '@oncekey/simulator'
import type { Browser, Page } from 'playwright-core'
import { overflow, violations } from './support/axe.ts'
import { openBrowser, openPage, sizes } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { signIn } from './support/pages.ts'
import { owner, runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let server: Running
let client: Client
let door: SimulatedDoor
let frontDoor = ''
/** It is a Friday in Lisbon, three minutes to six in the evening. */
const started = Date.now()
let now = Date.UTC(2026, 10, 27, 17, 57)

before(async () => {
  browser = await openBrowser()
  server = await runServer({}, { clock: () => now + Date.now() - started })
  client = await setUp(server)
  frontDoor = (await client.places.get()).doors[0]?.id ?? ''
  const { grants } = await client.grants.list({ accessPointId: frontDoor })
  for (const grant of grants) await client.grants.end(grant.id)
  door = (await simulatedDoor(client, server.mqttPort, 'Front door')).door
})

after(async () => {
  door.stop()
  await browser.close()
  await server.end()
})

async function openAsking (page: Page): Promise<void> {
  await page.goto(`${server.url}/places?accessPoint=${frontDoor}`)
  await page.getByRole('button', { name: 'Who may open what?' }).last().click()
  await page.getByTestId('explain').getByRole('radio', { name: owner.name }).check()
}

test('access for working hours, a code that is typed too late, and the record that says why', async () => {
  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(`${server.url}/places?accessPoint=${frontDoor}`)
  await page.getByRole('button', { name: 'Give access' }).last().click()
  const sheet = page.getByRole('dialog', { name: 'Give access' })
  await sheet.getByRole('radio', { name: owner.name }).check()
  await sheet.getByLabel('Only at certain hours').check()
  await sheet.getByLabel('Only for a number of openings').check()
  await sheet.getByLabel('Openings', { exact: true }).fill('3')
  await sheet.getByLabel('To', { exact: true }).fill('')
  await sheet.getByRole('button', { name: 'Give access' }).click()
  await sheet.getByText('A time like 08:00.').waitFor()
  await sheet.getByLabel('To', { exact: true }).fill('18:00')
  assert.deepEqual(await violations(page), [])
  await sheet.getByRole('button', { name: 'Give access' }).click()
  await page.getByText('Mon–Fri 08:00–18:00, 0 of 3 openings used').waitFor()

  const { digits, code } = await client.codes.issue({ accessPointId: frontDoor })
  assert.equal(code.expiresAt, Date.UTC(2026, 10, 27, 18), 'the hours end it')
  now += 4 * 60_000
  door.type(digits + '#')
  await door.until((one) => one.rows()[0].startsWith('Not accepted'))

  await page.goto(server.url + '/audit')
  await page.getByText('was refused at Front door').waitFor()
  await page.getByRole('button', { name: 'Why?' }).first().click()
  await page.getByText('The access does not hold at this hour of this day of the week.').waitFor()
  assert.equal(await page.getByText('· yes').count(), 13)
  await context.close()
  assert.deepEqual(errors, [])
})

test('would she open it? Not now, on Monday at nine, and not when that is a holiday', async () => {
  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await openAsking(page)
  await page.getByText(`${owner.name} would not open Front door.`).waitFor()
  await page.getByLabel('When').fill('2026-11-30T09:00')
  await page.getByText(`${owner.name} would open Front door.`).waitFor()
  await page.getByText('This access holds until 30 Nov 2026, 18:00:00.').waitFor()
  await page.keyboard.press('Escape')
  await page.goto(server.url + '/places')
  await page.getByRole('button', { name: 'Holidays' }).click()
  await page.getByLabel('Date').fill('2026-11-30')
  await page.getByLabel('Name', { exact: true }).fill('Fair')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Remove Fair, 30 Nov 2026' }).waitFor()
  assert.deepEqual(await violations(page), [])
  await openAsking(page)
  await page.getByLabel('When').fill('2026-11-30T09:00')
  await page.getByRole('listitem').getByText('It is a holiday of the site').first().waitFor()
  await context.close()
  assert.deepEqual(errors, [])
})

for (const size of ['phone', 'desktop'] as const) {
  for (const dark of [false, true]) {
    test(`asking who may open what, and a refusal that is explained, ${size} ${sizes[size].width} px, ${dark ? 'dark' : 'light'}: no violation, nothing sticks out`, async () => {
      const { context, page } = await openPage(browser, { size, dark })
      await signIn(page, server.url)
      await openAsking(page)
      await page.getByText(`${owner.name} would not open Front door.`).waitFor()
      const found = await violations(page)
      assert.equal(await overflow(page), 0)
      await page.goto(server.url + '/audit')
      await page.getByRole('button', { name: 'Why?' }).first().click()
      await page.getByText('The access does not hold').waitFor()
      found.push(...await violations(page))
      assert.equal(await overflow(page), 0)
      await context.close()
      assert.deepEqual(found, [])
    })
  }
}
