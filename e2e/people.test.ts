import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Client } from '@oncekey/client'
import { assertFine, violations } from './support/axe.ts'
import { openBrowser, openPage, sizes } from './support/browser.ts'
import { mailServer, type MailServer } from './support/mail.ts'
import { signIn } from './support/pages.ts'
import { person, runServer, setUp, type Running } from './support/server.ts'

let mail: MailServer
let server: Running
let client: Client
let browser: Browser
let page: Page
let errors: string[]

before(async () => {
  mail = await mailServer()
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url })
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
  await mail.close()
})

const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).locator('visible=true').last().click()
const main = () => page.getByRole('main')
const seen = (text: string | RegExp): Promise<void> => main().getByText(text).locator('visible=true').first().waitFor()
const sheet = () => page.locator('dialog:modal')
const rows = () => main().getByRole('button', { expanded: false })

/** Chooses a file as somebody does who was asked for one. */
async function choose (name: string, text: string | Buffer): Promise<void> {
  const asked = page.waitForEvent('filechooser')
  await sheet().getByRole('button', { name: /^Choose/ }).click()
  await (await asked).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
}

const members = Array.from({ length: 130 }, (_, i) => `Member ${String(i).padStart(3, '0')};member${i}@example.org;;`)
const list = ['Name;E-Mail;User name;Role', ...members, 'Marta Lopez;marta@example.org;marta.l;operator', 'Rosa again;rosa@example.org;;', 'Nobody;;;', 'Odd;odd@example.org;оdd;', '"=1+1";formula@example.org;;king'].join('\r\n')

test('a file that can not be read says what to do; nothing is lost by it', async () => {
  await page.goto(server.url + '/people')
  await press('Import')
  await sheet().getByText('one person a line').waitFor()
  await assertFine(page, 'the import, before a file')
  await choose('latin1.csv', Buffer.from('name,email\nJürgen,j@example.org', 'latin1'))
  await sheet().getByText('Save it as “CSV UTF-8”').waitFor()
  await choose('columns.csv', 'first,second\nNia,nia@example.org')
  await sheet().getByText('at least name and email. Look at line 1.').waitFor()
  await assertFine(page, 'a file that can not be read')
})

test('a list is looked at first, then imported; progress outlives the page, and the report says what became of each line', async () => {
  await choose('people.csv', list)
  await sheet().getByRole('button', { name: 'Import 131 people' }).waitFor()
  assert.deepEqual(await sheet().getByRole('status').getByRole('listitem').allTextContents(), ['131new', '1already here', '3with a fault'])
  await sheet().getByText('Line 134:').waitFor()
  await sheet().getByText('has no e-mail address.').waitFor()
  await sheet().getByText('A role is member, operator, admin or owner.').waitFor()
  assert.equal((await client.people.list()).people.length, 1, 'nothing is written yet')
  await assertFine(page, 'the preview')
  await sheet().getByRole('button', { name: 'Import 131 people' }).click()
  await sheet().getByRole('progressbar').waitFor()
  await page.reload()
  await press('Import')
  await sheet().getByText('The import is done.').waitFor()
  await assertFine(page, 'what came of the import')
  const download = page.waitForEvent('download')
  await sheet().getByRole('link', { name: 'Report' }).click()
  const report = await readFile(await (await download).path(), 'utf8')
  assert.equal(report.trim().split('\r\n').length, 136)
  assert.match(report, /\r\n133,Rosa again,rosa@example\.org,already here,\r\n134,Nobody,,not added,The e-mail address is missing\.\r\n/)
  assert.match(report, /\r\n136,"'=1\+1",formula@example\.org,not added,/)
  await sheet().getByRole('button', { name: 'Close' }).click()
  assert.equal(mail.mails.length, 0, 'nobody asked for invitations')
})

test('the same list once more has nobody new', async () => {
  await press('Import')
  await choose('people.csv', list)
  await sheet().getByText('Nobody in it is new').waitFor()
  await sheet().getByRole('button', { name: 'Close' }).click()
})

test('the list comes page by page, and a search finds any of it without losing the focus or moving the page', async () => {
  await seen('Member 000')
  assert.equal(await rows().count(), 50)
  const [policy, first] = [await page.getByRole('region', { name: 'Who may register' }).boundingBox(), await rows().first().boundingBox()]
  assert.ok(policy !== null && first !== null && policy.y < first.y, 'who may register is said before fifty people')
  await assertFine(page, 'the list on a phone')
  await press('Show more')
  await seen('Member 098')
  assert.equal(await rows().count(), 100)
  const field = page.getByLabel('Find a person')
  const before = await field.boundingBox()
  await field.click()
  await page.keyboard.type('lop mar', { delay: 30 })
  await seen('Marta Lopez')
  await page.waitForFunction(() => document.querySelectorAll('main ul.cards > li').length === 1)
  assert.equal(await field.evaluate((input) => input === document.activeElement), true)
  assert.equal((await field.boundingBox())?.x, before?.x)
  assert.equal(new URL(page.url()).search, '?q=lop+mar')
  const box = await field.boundingBox()
  await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) - 22, (box?.y ?? 0) + (box?.height ?? 0) / 2)
  assert.equal(await field.inputValue(), 'lop mar', 'the browser\'s own cross is not there, beside ours')
  await field.fill('xyzzy')
  await seen('Nobody fits “xyzzy”')
  await assertFine(page, 'a search that finds nobody')
})

test('filters narrow it down, and the way back leads to the same list', async () => {
  await main().getByRole('button', { name: 'Clear filters' }).first().click()
  await page.getByLabel('Role').selectOption('operator')
  await seen('Marta Lopez')
  await page.waitForFunction(() => document.querySelectorAll('main ul.cards > li').length === 1)
  await page.getByLabel('State').selectOption('suspended')
  await seen('Nobody fits these filters')
  await page.getByLabel('State').selectOption('invited')
  await seen('Marta Lopez')
  assert.equal(new URL(page.url()).search, '?role=operator&state=invited')
  await page.goto(server.url + '/audit')
  await page.goBack()
  await seen('Marta Lopez')
  assert.equal(await page.getByLabel('Role').inputValue(), 'operator')
})

test('an imported person is invited from their panel: the mail has the link, and the page has not', async () => {
  await page.getByRole('button', { name: /Marta Lopez/ }).click()
  await press('Invite again …')
  await sheet().getByText('An earlier link stops working.').waitFor()
  await assertFine(page, 'the question before an invitation')
  await press('Invite again')
  await page.getByText('The link to choose a password goes to marta@example.org.').waitFor()
  await mail.until(1)
  assert.equal(mail.mails[0]?.to?.[0]?.address, 'marta@example.org')
  const link = /\S+\/invitation\/\S+/.exec(mail.mails[0]?.text ?? '')?.[0] ?? ''
  assert.ok(link.startsWith(server.url + '/invitation/'))
  assert.ok(!(await page.content()).includes(link.slice(link.lastIndexOf('/'))))
  const marta = person(server.url)
  await marta.invitations.accept({ token: link.slice(link.lastIndexOf('/') + 1), password: 'four grey harbours' })
  assert.equal((await marta.me.get()).name, 'Marta Lopez')
})

test('the panel signs somebody out everywhere and resets their password, and says before what that ends', async () => {
  const marta = person(server.url)
  await marta.session.start({ login: 'marta@example.org', password: 'four grey harbours' })
  await page.goto(server.url + '/people?q=marta')
  await page.getByRole('button', { name: /Marta Lopez/ }).click()
  await press('Sign out everywhere …')
  await sheet().getByText('2 sessions end now. They can sign in again.').waitFor()
  await press('Sign out')
  await page.getByText('Marta Lopez was signed out; 2 sessions ended.').waitFor()
  await assert.rejects(marta.me.get())
  await press('Reset password …')
  await sheet().getByText('Their password stops working at once').waitFor()
  await assertFine(page, 'the question before a reset')
  await press('Reset the password')
  await page.getByText('The link to choose a password goes to marta@example.org.').waitFor()
  await assert.rejects(marta.session.start({ login: 'marta@example.org', password: 'four grey harbours' }))
})

test('a refused first password is said once, at its field', async () => {
  await page.goto(server.url + '/people')
  await press('Add person')
  await sheet().getByLabel('Name', { exact: true }).fill('Nia')
  await sheet().getByLabel('E-mail').fill('nia@example.org')
  await sheet().getByRole('radio', { name: 'Set a password' }).check()
  await sheet().getByLabel('First password').fill('letmein123')
  await sheet().locator('button[type="submit"]').click()
  await sheet().locator('[aria-invalid]').waitFor()
  assert.equal(await sheet().locator('[role="alert"] > *').count(), 0)
  assert.equal(await sheet().getByLabel('First password').evaluate((input) => input === document.activeElement), true)
  await press('Cancel')
})

test('turning a phone loses nothing that was typed, and a form begins at its first field', async () => {
  const dialogs = (open: number, modal: number): Promise<unknown> => page.waitForFunction(([open, modal]) => document.querySelectorAll('dialog[open]').length === open && document.querySelectorAll('dialog:modal').length === modal, [open, modal])
  await page.setViewportSize(sizes.phone)
  await page.goto(server.url + '/people?q=marta')
  await page.getByRole('button', { name: /Marta Lopez/ }).click()
  await press('Edit …')
  const field = page.getByLabel('Name', { exact: true })
  const isFocused = (): Promise<boolean> => field.evaluate((input) => input === document.activeElement)
  assert.ok(await isFocused())
  await field.fill('Marta Half Typ')
  for (const [size, modal] of [[{ width: 915, height: 412 }, 1], [sizes.phone, 2], [sizes.desktop, 1], [sizes.phone, 2]] as const) {
    await page.setViewportSize(size)
    await dialogs(2, modal)
    assert.equal(await field.inputValue(), 'Marta Half Typ')
    assert.ok(await isFocused())
  }
  await press('Cancel')
  await dialogs(1, 1)
  await page.keyboard.press('Escape')
  await dialogs(0, 0)
  await page.setViewportSize(sizes.desktop)
  await page.getByRole('button', { name: /Marta Lopez/ }).click()
  await dialogs(1, 0)
  assert.deepEqual(await violations(page), [])
  await page.keyboard.press('Escape')
  await dialogs(0, 0)
})

test('her codes: for what, what became of them, and where they went, never digits', async () => {
  const { people: [marta] } = await client.people.list({ q: 'marta' })
  const places = await client.places.get()
  const door = places.banks[0]?.accessPoints[0]?.id ?? ''
  await client.grants.give({ personId: marta?.id ?? '', accessPointIds: [door] })
  const { digits } = await client.codes.issue({ accessPointId: door, personId: marta?.id ?? '' })
  await person(server.url).session.askForCode({ login: 'marta@example.org' })
  await page.setViewportSize(sizes.desktop)
  await page.goto(`${server.url}/people?person=${marta?.id}`)
  const log = page.getByRole('region', { name: 'Codes' })
  await log.getByText('Code to sign in').waitFor()
  await log.getByText('by Rosa Vale').waitFor()
  await log.getByText('m•••@example.org: sent').first().waitFor()
  assert.ok(!(await main().textContent() ?? '').includes(digits))
  assert.deepEqual(await violations(page), [])
  await log.getByRole('button', { name: /^Revoke the code/ }).click()
  await press('Revoke the code')
  await log.getByText('Revoked').waitFor()
})

test('access is given to anybody of many, by typing a part of their name', async () => {
  await page.goto(server.url + '/places')
  await main().getByRole('button', { name: /Front door/ }).first().click()
  await press('Give access')
  await sheet().getByLabel('Find a person').fill('member 127')
  await sheet().getByRole('radio', { name: /^Member 127/ }).click()
  await assertFine(page, 'choosing one of many')
  await page.setViewportSize(sizes.desktop)
  await sheet().last().getByRole('button', { name: 'Give access' }).click()
  await page.getByText('Member 127 may open 1 more access point.').waitFor()
})

test('the record is narrowed down to anybody of many', async () => {
  await page.goto(server.url + '/audit')
  await press('Anybody')
  await sheet().getByLabel('Find a person').fill('member 127')
  await sheet().getByRole('radio', { name: /^Member 127/ }).click()
  await page.getByRole('button', { name: 'Person: Member 127' }).waitFor()
  await seen('Rosa Vale added Member 127')
  await page.reload()
  await page.getByRole('button', { name: 'Person: Member 127' }).waitFor()
  assert.deepEqual(await violations(page), [])
  assert.deepEqual(errors.filter((one) => !/status of 40[01]/.test(one)), [])
})
