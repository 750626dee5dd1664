import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import type { Client } from '@oncekey/client'
import type { AccessPoint } from '@oncekey/protocol/schemas'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { OFFLINE_PAUSES, signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

const ana = { email: 'ana@example.org', password: 'four grey harbours' }
let server: Running
let client: Client
let browser: Browser
let page: Page
let errors: string[]
let points: { front: AccessPoint, a01: AccessPoint }

before(async () => {
  server = await runServer()
  client = await setUp(server)
  const { person } = await client.people.add({ name: 'Ana Lund', role: 'member', ...ana })
  const { doors, banks } = await client.places.get()
  const [front, a01] = [doors[0], banks[0]?.accessPoints[0]]
  assert.ok(front !== undefined && a01 !== undefined)
  points = { front, a01 }
  await client.grants.give({ personId: person.id, accessPointIds: [front.id, a01.id] })
  browser = await openBrowser()
  const opened = await openPage(browser, { size: 'phone' })
  page = opened.page
  errors = opened.errors
  await opened.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await signIn(page, server.url, ana)
})

after(async () => {
  await browser.close()
  await server.end()
})

const made = () => page.getByTestId('offline-code')

test('a door without such codes says so', async () => {
  await page.getByRole('heading', { name: 'My access' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Codes without a network' }).count(), 0)
  await page.goto(server.url + '/me/offline')
  await page.getByText('No door of yours takes codes without a network').waitFor()
  await assertFine(page, 'none')
})

test('a holder gets one for now, copies it, and the door opens by it while its network is gone', async () => {
  for (const point of [points.front, points.a01]) await client.controllers.offlineCodes(point.controllerId ?? '', { clock: 'trusted' })
  const { door } = await simulatedDoor(client, server.mqttPort, 'Front')
  await page.goto(server.url + '/access')
  await page.getByRole('link', { name: 'Codes without a network' }).click()
  await page.getByLabel('Door or compartment').selectOption({ label: `${points.front.place} · ${points.front.name}` })
  await page.getByText('nobody can take such a code back').waitFor()
  assert.match(await page.getByTestId('window').textContent() ?? '', /It opens once: .* 20\d\d, \d\d:\d\d\s?–\s?\d\d:[03]0\./)
  await assertFine(page, 'asking')
  await page.getByRole('button', { name: 'Get the code' }).click()
  await made().getByText('The digits are shown only now.').waitFor()
  await made().getByText('nobody can take such a code back').waitFor()
  await assertFine(page, 'the code')
  const digits = (await made().getByTestId('digits').textContent() ?? '').replace(/\D/g, '')
  assert.equal(digits.length, 9)
  await made().getByRole('button', { name: 'Copy' }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), digits)
  await made().getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Get the code' }).waitFor()
  assert.equal((await page.content()).includes(digits), false, 'the digits are gone')

  for (let i = 0; i < OFFLINE_PAUSES; i++) await sleep(20)
  door.cutNetwork()
  await door.until((one) => one.rows()[0].includes('offline'), 15_000)
  door.type(digits + '#')
  await door.until((one) => one.rows()[0].includes('Open'), 15_000)
  await page.reload()
  await page.getByRole('heading', { name: 'Your codes that are not over' }).waitFor()
  door.restoreNetwork()
  // The server hears of it, and the page with it.
  await page.getByRole('heading', { name: 'Your codes that are not over' }).waitFor({ state: 'detached', timeout: 45_000 })
  door.stop()
})

test('operators for a half hour of their choice, within what is allowed; found again without its digits, and cancelled', async () => {
  assert.equal(await page.getByRole('radio').count(), 0, 'members for now only')
  await client.grants.give({ personId: (await client.me.get()).id, accessPointIds: [points.a01.id] })
  await page.context().clearCookies()
  await signIn(page, server.url)
  await page.goto(server.url + '/me/offline')
  await page.getByLabel('Door or compartment').selectOption({ label: `${points.a01.place} · ${points.a01.name}` })
  await page.getByRole('radio', { name: 'Later' }).check()
  await page.getByRole('button', { name: 'Get the code' }).click()
  await page.getByText('Choose a time that is still to come.').waitFor()
  const field = (ms: number): string => new Date(ms).toLocaleString('sv', { timeZone: 'Europe/Lisbon' }).replace(' ', 'T').slice(0, 16)
  await page.getByLabel('From').fill(field(Date.now() + 40 * 86_400_000))
  await page.getByText('Choose a time within the next 30 days.').waitFor()
  await page.getByLabel('From').fill(field(Date.now() - 3_600_000))
  await page.getByText('Choose a time that is still to come.').waitFor()
  await assertFine(page, 'a wrong time')
  const begins = Math.ceil((Date.now() + 5 * 3_600_000) / 1_800_000) * 1_800_000
  await page.getByLabel('From').fill(field(begins + 600_000))
  assert.ok((await page.getByTestId('window').textContent())?.includes(field(begins).slice(11)))
  await page.getByRole('button', { name: 'Get the code' }).click()
  const digits = (await made().getByTestId('digits').textContent() ?? '').replace(/\D/g, '')
  assert.match(digits, /^1\d{9}$/, 'the number of the lock comes first')
  const code = (await client.codes.list({ personId: (await client.me.get()).id })).codes[0]
  assert.deepEqual([code?.validFrom, code?.expiresAt, code?.offline?.opensOnce], [begins, begins + 1_800_000, true])

  await page.reload()
  const row = page.getByRole('listitem').filter({ hasText: `${points.a01.place} · ${points.a01.name}` })
  await row.getByText('Opens once.').waitFor()
  assert.equal((await page.content()).includes(digits), false)
  await assertFine(page, 'the list')
  await row.getByRole('button', { name: 'Cancel the code' }).click()
  await page.getByText('if the door has no network now, the code opens').waitFor()
  await assertFine(page, 'cancelling')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the code' }).click()
  await row.waitFor({ state: 'detached' })
  assert.deepEqual(errors, [])
})
