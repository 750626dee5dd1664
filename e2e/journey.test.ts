import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openBrowser, openPage } from './support/browser.ts'
import { doorOf, fillWizard, signIn } from './support/pages.ts'
import { owner, runServer, setUp, startProcess } from './support/server.ts'

let browser: Browser
let folder: string

before(async () => {
  browser = await openBrowser()
  folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
})

after(async () => {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a newcomer starts the program, fills one form, asks for a code, types it, and the bolt moves', async (t) => {
  const begun = performance.now()
  const server = await startProcess({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' })
  const { context, page, errors } = await openPage(browser)
  try {
    const link = /http:\/\/\S+\/start\?token=\S+/.exec(server.printed())?.[0]
    assert.ok(link !== undefined, `the set-up link is printed: ${server.printed()}`)
    await page.goto(link)
    let clicks = 0
    const click = async (name: string | RegExp): Promise<void> => {
      clicks++
      await page.getByRole('button', { name }).first().click()
    }

    await fillWizard(page)
    await page.reload()
    assert.equal(await page.getByLabel('Your name').inputValue(), 'Rosa Vale', 'the form survives a reload')
    assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '', 'the password does not')
    await fillWizard(page)
    await click('Start')

    await click('Get a code for Front door')
    const digits = (await page.getByTestId('code-digits').textContent())?.replace(/\D/g, '') ?? ''
    assert.match(digits, /^\d{6,9}$/)
    const door = doorOf(page)
    await door.until(/Enter code/)
    assert.equal(await door.lock(1).getAttribute('data-lock-state'), 'locked')
    await door.type(digits + '#')
    await door.until(/^Open: Front door/)
    await page.locator('[data-testid="lock-1"][data-lock-state="unlocked"]').waitFor()
    await page.getByTestId('code-headline').getByText(/^Opened, \d\d:\d\d:\d\d/).waitFor()
    const seconds = (performance.now() - begun) / 1000
    t.diagnostic(`${clicks} clicks, ${seconds.toFixed(1)} s from the start of the program to the bolt`)
    assert.ok(clicks <= 3, `${clicks} clicks`)
    assert.ok(seconds <= 60, `${seconds} s`)

    // The operator's row.
    await page.getByRole('link', { name: 'Audit' }).first().click()
    await page.getByRole('main').getByText(/Rosa Vale/).locator('visible=true').first().waitFor()
    await page.getByRole('main').getByText(/Front door/).locator('visible=true').first().waitFor()
    assert.deepEqual(errors, [])
  } finally {
    await context.close()
    assert.equal(await server.stop(), 0, 'it stops cleanly')
  }
})

test('on a phone: the door opens in a tab of its own and shows the code; a reload between asking and typing is a power cut at the door, and the code still opens once', async () => {
  const server = await startProcess({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' })
  const url = /http:\/\/[\d.:]+/.exec(server.printed())?.[0] ?? ''
  const { context, page, errors } = await openPage(browser, { size: 'phone', dark: true })
  try {
    await signIn(page, url)
    await page.goto(url + '/access')
    await page.getByRole('button', { name: 'Get a code for A07' }).click()
    const digits = (await page.getByTestId('code-digits').textContent())?.replace(/\D/g, '') ?? ''
    const opening = context.waitForEvent('page')
    await page.getByTestId('code-sheet').getByRole('link', { name: 'Simulated door (opens in a new tab)' }).click()
    const tab = await opening
    const strip = tab.getByTestId('strip-digits')
    const shown = async (): Promise<string> => ((await strip.textContent()) ?? '').replace(/\D/g, '')
    const door = doorOf(tab)
    await door.until(/Enter code/)
    assert.equal(await shown(), digits, 'the code is shown where it is typed')
    await door.type(digits.slice(0, 3))
    await door.until(/\*{3}/)
    await tab.reload()
    await door.until(/Enter code/)
    assert.equal(await shown(), digits, 'also after a reload')
    assert.deepEqual(await tab.locator('[data-lock-state="unlocked"]').count(), 0, 'nothing moved at boot')
    await door.type(digits + '#')
    await door.until(/^Open: A07/)
    await tab.locator('[data-testid="lock-7"][data-lock-state="unlocked"]').waitFor()
    await strip.waitFor({ state: 'detached' })
    await page.getByTestId('code-headline').getByText(/^Opened, /).waitFor()

    // The same code once more.
    await door.until(/Enter code/, 30_000)
    await door.type(digits + '#')
    await door.until(/^Not accepted/)

    // A code is the tab's that was given it: closed, it takes the code along.
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Get a code for A08' }).click()
    await strip.waitFor()
    await page.close()
    await strip.waitFor({ state: 'detached' })

    // The way back is the app.
    await tab.getByRole('link', { name: 'Access' }).click()
    await tab.getByRole('heading', { name: 'My access' }).waitFor()
    assert.deepEqual(errors, [])
  } finally {
    await context.close()
    await server.stop()
  }
})

test('a door says what is missing: a stranger signs in and is back at it, an operator may not, and a wrong address has none', async () => {
  const server = await runServer()
  const client = await setUp(server)
  await client.people.add({ name: 'Otto Reed', email: 'otto@example.org', role: 'operator', password: 'four grey harbours' })
  const controller = (await client.places.get()).controllers.find((one) => one.name.includes('Front door'))
  const path = `/door/${controller?.id}`
  const { context, page } = await openPage(browser, { size: 'phone' })
  const other = await openPage(browser, { size: 'phone' })
  try {
    await page.goto(server.url + path)
    await page.getByRole('alert').getByText('You are signed out.').waitFor()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.locator('input[autocomplete~="username"]').fill(owner.email)
    await page.locator('input[type="password"]').fill(owner.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await doorOf(page).until(/Front door.*Enter code/)
    assert.equal(new URL(page.url()).pathname, path)
    assert.equal(await page.title(), 'Front door · Oncekey')

    await page.goto(`${server.url}/door/nowhere`)
    await page.getByText('There is no simulated door at this address.').waitFor()
    // Off line, then on line again.
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('The server can not be reached.').waitFor()
    await context.setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('There is no simulated door at this address.').waitFor()

    await signIn(other.page, server.url, { email: 'otto@example.org', password: 'four grey harbours' })
    await other.page.goto(server.url + path)
    await other.page.getByText('Only owners and administrators may try the doors').waitFor()
  } finally {
    await context.close()
    await other.context.close()
    await server.end()
  }
})

test('the set-up link works once', async () => {
  const server = await startProcess({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' })
  try {
    assert.doesNotMatch(server.printed(), /token=/)
  } finally {
    await server.stop()
  }
})
