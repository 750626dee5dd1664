import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { AuditRow } from '@oncekey/protocol/schemas'
import type { SimulatedDoor } from '@oncekey/simulator'
import type { Browser, Page } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { signIn } from './support/pages.ts'
import { owner, runServer, setUp, type Running } from './support/server.ts'

const DAY = 86_400_000
const DAYS = 9
let browser: Browser
let server: Running
let client: Client
let door: SimulatedDoor | undefined
let ahead = 0

before(async () => {
  browser = await openBrowser()
  server = await runServer({}, { clock: () => Date.now() + ahead })
  client = await setUp(server, { timeZone: 'Europe/Berlin' })
  await signInAgain()
})
after(async () => {
  door?.stop()
  await browser.close()
  await server.end()
})

/** A session does not last for days. */
async function signInAgain (): Promise<void> {
  await client.session.start({ login: owner.email, password: owner.password })
}

/** Waits for the thing, however busy the machine is. */
async function until<Found> (what: string, look: () => Promise<Found | null>): Promise<Found> {
  for (const ends = Date.now() + 60_000; Date.now() < ends; await new Promise((resolve) => { setTimeout(resolve, 50) })) {
    const found = await look()
    if (found !== null) return found
  }
  throw new Error(`${what} did not come.`)
}

async function wholeRecord (): Promise<AuditRow[]> {
  const rows: AuditRow[] = []
  for (let before: number | undefined; ;) {
    const page = await client.audit.page({ limit: 200, ...before !== undefined && { before } })
    rows.push(...page.rows)
    if (page.next === null) return rows
    before = page.next
  }
}

async function countedWhole (): Promise<void> {
  await until('the count of the last row', async () => {
    const { counted } = await client.insights.get()
    return counted.rows === counted.of ? counted : null
  })
}

async function isOnline (controllerId: string, online: boolean): Promise<void> {
  await until(`the controller ${online ? 'on' : 'off'} line`, async () => (await client.places.get()).controllers.find(({ id }) => id === controllerId)?.online === online ? online : null)
}

/** The cells of a chart's table. */
async function tableOf (page: Page, name: string): Promise<string[][]> {
  return page.getByRole('table', { name }).locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent?.trim() ?? '')))
}

test('before anything happened the page says so', async () => {
  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(server.url + '/audit')
  await page.getByRole('link', { name: 'Insights' }).click()
  await page.getByText('Nothing happened in these days').waitFor()
  await assertFine(page, 'insights empty')
  await context.close()
  assert.deepEqual(errors, [])
})

test('nine days at a front door: what the page shows, its tables, its files and the record are the same figures', async () => {
  const places = await client.places.get()
  const frontDoor = places.doors[0]?.id ?? ''
  const controllerId = places.controllers.find((one) => one.name.includes('Front'))?.id ?? ''
  await client.controllers.policies(controllerId, { forcedDoors: true, heldDoorMs: 300_000, lowMillivolts: 3_400, criticalMillivolts: 3_200, failSafeLocks: [], menu: false })
  const box = (await simulatedDoor(client, server.mqttPort, 'Front')).door
  door = box
  for (let day = 0; day < DAYS; day++) {
    box.cutNetwork()
    await box.until((one) => !one.connected && one.rows().join('|').includes('offline'), 30_000)
    ahead += DAY
    await signInAgain()
    await isOnline(controllerId, false)
    for (let i = 0; i < 2; i++) box.measure({ millivolts: 3_900 - day * 50 })
    box.restoreNetwork()
    await isOnline(controllerId, true)
    await box.until((one) => one.connected && one.rows()[1].includes('Enter code'), 30_000)
    // Batteries are noted every ten minutes.
    ahead += 11 * 60_000
    if (day % 2 === 0) {
      const { digits } = await client.codes.issue({ accessPointId: frontDoor })
      box.type(digits + '#')
      await box.until((one) => one.rows()[0].startsWith('Open'))
      // That it is open stands there for five seconds.
      await box.until((one) => one.rows()[1].includes('Enter code'), 15_000)
    } else {
      box.type('000000#')
      await box.until((one) => one.rows()[0].startsWith('Not accepted'))
      await box.until((one) => one.rows()[1].includes('Enter code'))
    }
    await until(`the battery of day ${day + 1}`, async () => {
      const { batteries } = await client.insights.batteries()
      return (batteries[0]?.days.length ?? 0) > day ? batteries : null
    })
  }
  await countedWhole()
  const record = await wholeRecord()
  const opened = record.filter((row) => row.event === 'lock.actuated' && row.details['mode'] === 'unlock' && row.details['lockState'] === 'unlocked')
  const refused = record.filter((row) => row.event === 'access.denied')
  assert.deepEqual([opened.length, refused.length], [5, 4])

  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(server.url + '/insights?days=91')
  await page.getByTestId('week').waitFor()
  assert.match(await page.getByTestId('week').getAttribute('aria-label') ?? '', /^5 openings\. Most in one hour of the week: \d/)
  for (const summary of await page.getByText('As a table').all()) await summary.press('Enter')

  const wall = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', weekday: 'short', hour: '2-digit', hourCycle: 'h23' })
  const expected = new Map<string, number>()
  for (const row of opened) {
    const name = wall.format(Number(row.details['at']) < row.time ? Number(row.details['at']) : row.time)
    expected.set(name, (expected.get(name) ?? 0) + 1)
  }
  const shown = new Map<string, number>()
  const cells = await tableOf(page, 'When doors are opened')
  for (const [hour = '', ...counts] of cells) counts.forEach((count, weekday) => { if (count !== '0') shown.set(`${['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][weekday]} ${hour.slice(0, 2)}`, Number(count)) })
  const inOrder = (map: Map<string, number>): [string, number][] => [...map].map(([name, count]): [string, number] => [name.replace(', ', ' '), count]).sort()
  assert.deepEqual(inOrder(shown), inOrder(expected))
  assert.deepEqual((await tableOf(page, 'Busiest access points')).map((row) => row.join('|')), ['Front door · Harbour Hall|5'])
  assert.deepEqual((await tableOf(page, 'Refused at keypads')).map((row) => row.join('|')), ['wrong code|4'])
  assert.deepEqual((await tableOf(page, 'What became of codes')).map((row) => row.join('|')), ['Asked for||5', 'Shown to whoever asked|100%|5', 'Sent as a message|0%|0', 'Typed in and right|100%|5', 'Bolt moved|100%|5'])
  assert.equal((await tableOf(page, 'From the yes to the open bolt')).reduce((sum, [, count]) => sum + Number(count), 0), 5)
  const { batteries: [battery] } = await client.insights.batteries()
  assert.deepEqual((await tableOf(page, 'Front door')).map(([, volts]) => volts), battery?.days.map(({ millivolts }) => `${(millivolts / 1000).toFixed(2)} V`).toReversed())
  assert.equal(battery?.days.length, DAYS)
  assert.ok(battery.forecast.is === 'falls')
  await page.getByText(/Low around \d+ \w+ \d{4}, by its line between \d+ \w+ \d{4} and/).filter({ hasText: `It loses ${battery.forecast.perDay} mV a day.` }).waitFor()

  // The file is what the page shows.
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV: Refused at keypads' }).click()])
  assert.match(download.suggestedFilename(), /^oncekey-refusals-[\d-]+-to-[\d-]+\.csv$/)
  const lines = readFileSync(await download.path(), 'utf8').trimEnd().split('\r\n')
  assert.equal(lines[0], '\ufeffday,reason,refusals')
  assert.equal(lines.slice(1).reduce((sum, line) => sum + Number(line.split(',')[2]), 0), 4)

  for (const summary of await page.getByText('As a table').all()) await summary.press('Enter')
  await assertFine(page, 'insights')

  // The period is in the address, and a wrong one is named by its field.
  await page.getByRole('radio', { name: 'Own dates' }).check()
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(Date.now() + ahead)
  await page.getByLabel('From', { exact: true }).fill(today)
  await page.waitForURL((address) => address.searchParams.get('from') === today)
  await page.getByText('1 opening.').first().waitFor()
  await page.reload()
  await page.getByText('1 opening.').first().waitFor()
  await page.getByLabel('To', { exact: true }).fill('2020-01-01')
  await page.getByText('Choose two days').waitFor()
  await assertFine(page, 'insights of wrong dates')
  await context.close()
  assert.deepEqual(errors, [])
})
