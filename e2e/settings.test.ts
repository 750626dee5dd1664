import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { mailServer, type MailServer } from './support/mail.ts'
import { signIn } from './support/pages.ts'
import { owner, runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let context: BrowserContext
let page: Page
let errors: string[]
let server: Running
let client: Client
let mail: MailServer

before(async () => {
  mail = await mailServer()
  browser = await openBrowser()
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url, ONCEKEY_FALLBACK_SECONDS: '30' })
  client = await setUp(server, { timeZone: 'Europe/Berlin' });
  ({ context, page, errors } = await openPage(browser))
  await signIn(page, server.url)
})
after(async () => {
  await context.close()
  await browser.close()
  await server.end()
  await mail.close()
  assert.deepEqual(errors.filter((one) => !one.includes('409') && !one.includes('400')), [])
})

const row = (key: string): Locator => page.locator(`[data-testid=setting][data-key="${key}"]`)
const find = (words: string): Promise<void> => page.getByRole('searchbox', { name: 'Find a setting' }).fill(words)

test('every setting is there, and is found by a word of its name, its help or its variable', async () => {
  await page.goto(server.url + '/audit')
  await page.getByRole('link', { name: 'Settings' }).click()
  await row('backups.keep').waitFor()
  await assertFine(page, 'settings')
  await find('fallback receipt')
  await page.getByText('1 setting', { exact: true }).waitFor()
  const variable = page.getByTestId('variable')
  assert.match(await variable.innerText(), /ONCEKEY_FALLBACK_SECONDS[\s\S]*Now: 30 \(from the environment\) · Default: 12/)
  await find('smtp')
  assert.match(await variable.filter({ hasText: 'ONCEKEY_SMTP_URL' }).innerText(), /Now: set \(from the environment\)/)
  assert.ok(!(await page.content()).includes(mail.url))
  await find('purple')
  await page.getByText('No setting is called that').waitFor()
  await assertFine(page, 'settings not found')
})

test('a setting is changed where it stands, holds at once, and is taken back by one press', async () => {
  await find('backups')
  const keep = row('backups.keep')
  await keep.getByRole('textbox').fill('4000')
  await keep.getByRole('button', { name: 'Save' }).click()
  await keep.getByText('a whole number from 1 to 365').waitFor()
  await assertFine(page, 'settings refused')
  await keep.getByRole('textbox').fill('30')
  await keep.getByRole('button', { name: 'Save' }).click()
  await keep.getByText('Saved. It holds at once.').waitFor()
  assert.equal((await client.backups.get()).schedule.keep, 30)
  await assertFine(page, 'settings saved')
  await keep.getByRole('button', { name: 'Undo' }).click()
  await keep.getByText('Taken back.').waitFor()
  assert.equal((await client.backups.get()).schedule.keep, 7)
  await find('nobody answers')
  await row('guard.adaptive').getByRole('combobox').selectOption({ label: 'Off' })
  await row('guard.adaptive').getByText('Saved.').waitFor()
  assert.equal((await client.guard.get()).settings.adaptive, false)
})

test('whoever is second is told what the other one set, keeps what they typed, and may save once more', async () => {
  await find('backups')
  const keep = row('backups.keep')
  await keep.getByRole('textbox').fill('20')
  await client.settings.change({ key: 'backups.keep', value: 10, before: 7 })
  await keep.getByRole('button', { name: 'Save' }).click()
  await keep.getByText('Somebody else has set this to “10” meanwhile').waitFor()
  await assertFine(page, 'settings meanwhile')
  assert.equal(await keep.getByRole('textbox').inputValue(), '20')
  assert.equal((await client.backups.get()).schedule.keep, 10)
  await keep.getByRole('button', { name: 'Save' }).click()
  await keep.getByText('Saved.').waitFor()
  assert.equal((await client.backups.get()).schedule.keep, 20)
  // Where nobody types, the page follows by itself.
  await client.settings.change({ key: 'backups.keep', value: 40, before: 20 })
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => one.name === 'backups.keep' && one.value === '40'))
})

test('a test mail arrives, or says at which step it failed and what cures it', async () => {
  await find('')
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('The mail server took it.').waitFor()
  await mail.until(1)
  assert.equal(mail.mails.at(-1)?.to?.[0]?.address, owner.email)
  assert.deepEqual(await page.getByTestId('mail-step').evaluateAll((steps) => steps.map((one) => one.getAttribute('data-is'))), ['done', 'done', 'skipped', 'skipped', 'done', 'done', 'done'])
  await assertFine(page, 'settings mail sent')
  mail.manner = 'refuses'
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('It failed at: Recipient').waitFor()
  await page.getByText('The server takes nothing for your address.').waitFor()
  assert.deepEqual(await page.getByTestId('mail-step').evaluateAll((steps) => steps.map((one) => one.getAttribute('data-is'))), ['done', 'done', 'skipped', 'skipped', 'done', 'failed', 'notReached'])
  await assertFine(page, 'settings mail refused')
})
