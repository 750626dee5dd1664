import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Route } from 'playwright-core'
import { freePort } from '../scripts/free-port.mjs'
import { assertFine } from './support/axe.ts'
import { openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { ownersJourney } from './support/journey.ts'
import { owner, person, startProcess } from './support/server.ts'

const WORDS = 'otter lamp river stone seven'
const folder = mkdtempSync(join(tmpdir(), 'oncekey-restore-'))
const data = join(folder, 'data')
const file = join(folder, 'night.backup')
const journey = await ownersJourney()
const env = { ONCEKEY_DATA_DIR: data, ONCEKEY_PORT: String(await freePort()), ONCEKEY_MQTT_PORT: String(await freePort()) }
const there = await startProcess(env)
const url = `http://127.0.0.1:${env.ONCEKEY_PORT}`
const { page, errors } = await openPage(journey.browser)
after(async () => {
  await there.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function fine (what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await assertFine(page, `restore ${what} ${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
const choose = async (path: string): Promise<void> => { await page.getByLabel('The file of a backup').setInputFiles(path) }

/** A code that opened something before the backup, and one that waits to be typed. */
let used = ''
let unused = ''
let before: string[] = []

test('an installation is worked in, and backed up on its page', async () => {
  const { client, server } = journey
  const point = async (name: string): Promise<string> => (await client.places.get()).banks[0]?.accessPoints.find((one) => one.name === name)?.id ?? ''
  const { door } = await simulatedDoor(client, server.mqttPort, 'Bank A')
  used = (await client.codes.issue({ accessPointId: await point('A03') })).digits
  unused = (await client.codes.issue({ accessPointId: await point('A05') })).digits
  door.type(used + '#')
  await door.until((one) => one.rows()[0].startsWith('Open: A03'), 15_000)
  await client.people.add({ name: 'Maya Lind', email: 'maya@example.org', role: 'member' })
  await journey.page.goto(server.url + '/audit/backups')
  await journey.page.getByRole('button', { name: 'Back up now' }).click()
  const form = journey.page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Passphrase' }).fill(WORDS)
  await form.getByRole('button', { name: 'Back up now' }).click()
  const kept = journey.page.waitForEvent('download')
  await journey.page.getByRole('button', { name: /^Download: backup of / }).click()
  await (await kept).saveAs(file)
  before = (await client.audit.page({ limit: 200 })).rows.map((row) => `${row.seq} ${row.event}`).filter((row) => !row.includes('backup.')).toReversed()
  door.stop()
})

test('on an empty machine the set-up link asks: new, or a backup; what is none is refused before it travels', async () => {
  await page.goto(/http:\/\/\S+token=\S+/.exec(there.printed())?.[0] ?? '')
  await page.getByRole('radio', { name: 'Start new' }).waitFor()
  await page.getByLabel('Name of the site').fill('Somewhere else')
  await fine('or a new one')
  await page.getByRole('radio', { name: 'From a backup' }).check()
  await page.getByRole('button', { name: 'Choose a file' }).waitFor()
  await fine('nothing chosen')
  const photo = join(folder, 'photo.backup')
  writeFileSync(photo, '\x89PNG\r\n' + 'x'.repeat(5000), 'latin1')
  await choose(photo)
  await page.getByText('This file is no backup of Oncekey.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Restore', exact: true }).count(), 0)
  await fine('no backup')
  await page.getByRole('radio', { name: 'Start new' }).check()
  assert.equal(await page.getByLabel('Name of the site').inputValue(), 'Somewhere else', 'nothing that was typed is lost')
  await page.getByRole('radio', { name: 'From a backup' }).check()
})

test('the file is brought over a line that breaks, another passphrase is tried without bringing it again, and the page goes on to the sign-in of the restored house', async () => {
  await choose(file)
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByText('Type the passphrase.').waitFor()
  await fine('asks for the passphrase')
  await page.getByLabel('Passphrase').fill('five wrong words by chance')
  let parts = 0
  let isBroken = true
  await page.route('**/parts?**', async (route) => {
    parts++
    await (isBroken ? route.abort() : route.continue())
  })
  const away = (route: Route): Promise<void> => route.abort()
  const state = /\/setup\/restore\/[\w-]{43}$/
  await page.route(state, away)
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByText('It goes on by itself.').waitFor()
  await fine('the line is broken')
  isBroken = false
  await page.unroute(state, away)
  await page.getByText('This passphrase does not open the backup.').waitFor()
  await fine('another passphrase')
  const travelled = parts
  await page.getByLabel('Passphrase').fill(WORDS)
  // Held, to be looked at: the check, and then the moment in which there is no server.
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => { letGo = resolve })
  const hold = async (route: Route): Promise<void> => { await held; await route.abort() }
  await page.route(state, hold)
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByRole('heading', { name: 'Checking the backup' }).waitFor()
  await fine('checking')
  letGo()
  await page.getByRole('heading', { name: 'The backup is put back' }).waitFor()
  await fine('waiting')
  await page.unroute(state, hold)
  await page.waitForURL(url + '/sign-in')
  assert.equal(parts, travelled, 'it was there already')

  await page.locator('input[autocomplete~="username"]').fill(owner.email)
  await page.locator('input[type="password"]').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((where) => !where.pathname.endsWith('/sign-in'))
  await page.goto(url + '/people')
  await page.getByRole('main').getByText('Maya Lind').first().waitFor()
  // What the browser itself says of lines that were broken on purpose, and of the questions that were refused.
  assert.deepEqual(errors.filter((one) => !/ERR_|status of (401|403|409)/.test(one)), [])
  assert.deepEqual(readdirSync(data).filter((name) => /^(uploaded|restoring)/.test(name)), [])
})

test('the restored house: nothing of the record is missing, its chain holds, no code of before opens, and a new one does', async () => {
  const client = person(url)
  await client.session.start({ login: owner.email, password: owner.password })
  const { rows } = await client.audit.page({ limit: 200 })
  const now = rows.map((row) => `${row.seq} ${row.event}`).toReversed()
  assert.deepEqual(now.slice(0, before.length), before)
  assert.equal(rows.filter((row) => row.event === 'backup.restored').length, 1)
  assert.deepEqual((await client.audit.chain()).intact, true)
  const { door } = await simulatedDoor(client, Number(env.ONCEKEY_MQTT_PORT), 'Bank A')
  for (const digits of [used, unused]) {
    door.type(digits + '#')
    await door.until((one) => one.rows()[0].startsWith('Not accepted'), 15_000)
    await door.until((one) => one.rows()[1].includes('Enter code'), 30_000)
  }
  const point = (await client.places.get()).banks[0]?.accessPoints.find((one) => one.name === 'A07')
  door.type((await client.codes.issue({ accessPointId: point?.id ?? '' })).digits + '#')
  await door.until((one) => one.rows()[0].startsWith('Open: A07'), 15_000)
  door.stop()
  assert.equal(await there.stop(), 0, 'and it stops as any other')
})
