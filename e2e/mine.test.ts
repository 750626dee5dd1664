import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage } from './support/browser.ts'
import { mailServer, type MailServer } from './support/mail.ts'
import { signIn } from './support/pages.ts'
import { person, runServer, setUp, type Running } from './support/server.ts'

const nia = { name: 'Nia Novak', email: 'nia@example.org', password: 'seven green lamps' }
const newPassword = 'nine copper kettles'

let mail: MailServer
let server: Running
let browser: Browser
let page: Page
let errors: string[]
let elsewhere: Client

before(async () => {
  mail = await mailServer()
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url })
  const owner = await setUp(server)
  const { person: added } = await owner.people.add({ ...nia, role: 'member' })
  const point = (await owner.places.get()).banks[0]?.accessPoints[0]?.id ?? ''
  await owner.grants.give({ personId: added.id, accessPointIds: [point] })
  const { code } = await owner.codes.issue({ accessPointId: point, personId: added.id })
  await owner.codes.revoke(code.id)
  elsewhere = person(server.url)
  await elsewhere.session.start({ login: nia.email, password: nia.password })
  browser = await openBrowser()
  const opened = await openPage(browser, { size: 'phone' })
  page = opened.page
  errors = opened.errors
  await signIn(page, server.url, nia)
})

after(async () => {
  await browser.close()
  await server.end()
  await mail.close()
})

const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click()
const inSheet = (name: string | RegExp): Promise<void> => page.getByRole('dialog').getByRole('button', { name }).click()
const seen = (text: string | RegExp): Promise<void> => page.getByText(text).locator('visible=true').first().waitFor()
async function mailTo (address: string, subject: RegExp): Promise<string> {
  const found = (): string | undefined => mail.mails.find((one) => one.to?.[0]?.address === address && subject.test(one.subject ?? ''))?.text
  for (const ends = Date.now() + 10_000; found() === undefined && Date.now() < ends;) await new Promise((resolve) => { setTimeout(resolve, 50) })
  return found() ?? assert.fail(`No mail to ${address}, ${subject.source}: ${mail.mails.map((one) => `${one.to?.[0]?.address} ${one.subject}`).join('; ')}\n${waiting()}\nThe server: ${server.logged.slice(-5).join('\n')}\nThe page says: ${await page.locator('body').ariaSnapshot()}`)
}
/** What the server itself knows of its mails; and whether the clock of this machine was set meanwhile. */
function waiting (): string {
  const db = new DatabaseSync(join(server.folder, 'oncekey.db'), { readOnly: true })
  const rows = db.prepare('SELECT recipient, subject, state, attempts, unsure, next_at - ? AS due, error FROM outbox ORDER BY created_at DESC LIMIT 5').all(Date.now())
  const people = db.prepare('SELECT name, email, removed_at FROM people').all()
  db.close()
  return JSON.stringify({ rows, people, clockWasSetBy: Math.round(Date.now() - performance.timeOrigin - performance.now()) })
}

test('from "Me" one gets everywhere and back; a session elsewhere is ended', async () => {
  await page.goto(server.url + '/me')
  await page.getByRole('link', { name: 'Security' }).click()
  await seen('This browser')
  await seen(/Chrome on Linux/)
  await press('Sign out everywhere else')
  await seen('1 other session ends. This browser stays signed in.')
  await inSheet('Sign out everywhere else')
  await seen('1 session ended.')
  assert.equal(await page.getByRole('button', { name: 'Sign out everywhere else' }).count(), 0)
  await assert.rejects(elsewhere.me.get())
  await elsewhere.session.start({ login: nia.email, password: nia.password })
  await page.reload()
  await press('Sign out An unknown program')
  await inSheet('Sign out')
  await seen('Signed out there.')
  await assert.rejects(elsewhere.me.get())
  await page.getByRole('main').getByRole('link', { name: 'Me', exact: true }).click()
  await page.waitForURL('**/me')
})

test('another password, by the one of now', async () => {
  await page.goto(server.url + '/me/security')
  await press('Change password')
  await page.keyboard.press('Escape')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Change password', 'the focus is where it was')
  await press('Change password')
  assert.ok(await page.getByLabel('Current password').evaluate((input) => input === document.activeElement), 'past the name for password managers')
  assert.deepEqual(await page.getByRole('dialog').locator('input').evaluateAll((inputs) => inputs.map((one) => one.getAttribute('autocomplete'))), ['username', 'current-password', 'new-password'])
  await page.getByLabel('Current password').fill('not it at all')
  await page.getByLabel('New password').fill(newPassword)
  await inSheet('Change password')
  await seen(/That is not your password/)
  await page.getByLabel('Current password').fill(nia.password)
  await inSheet('Change password')
  await seen('Your password is changed.')
  await mailTo(nia.email, /password was changed/)
})

test('a notice that rises under a finger does not take its press', async () => {
  await page.goto(server.url + '/me/profile')
  await page.getByLabel('User name').fill('nia.n')
  const held = Promise.withResolvers<undefined>()
  await page.route('**/api/v1/me', async (route) => {
    await held.promise
    await route.continue()
  })
  await page.getByLabel('User name').press('Enter')
  const button = page.getByRole('button', { name: 'E-mail me a code' })
  const middle = await button.evaluate((one) => {
    let scroller: Element | null = one
    while (scroller !== null && !(scroller.scrollHeight > scroller.clientHeight && /auto|scroll/.test(getComputedStyle(scroller).overflowY))) scroller = scroller.parentElement
    // Where the notice will be: 76 px and half of itself from below.
    ;(scroller ?? document.scrollingElement)?.scrollBy(0, one.getBoundingClientRect().top + 22 - (innerHeight - 102))
    const { left, width, top, height } = one.getBoundingClientRect()
    return { x: left + width / 2, y: top + height / 2 }
  })
  await page.mouse.move(middle.x, middle.y)
  await page.mouse.down()
  held.resolve(undefined)
  await seen('Saved.')
  await page.waitForTimeout(250)
  assert.equal(await page.evaluate(({ x, y }) => {
    const { top, bottom } = document.querySelector('.toast')?.getBoundingClientRect() ?? { top: 0, bottom: 0 }
    return top < y && y < bottom && x > 0
  }, middle), true, 'the notice is above the button')
  await page.mouse.up()
  await seen(/^Write an e-mail address/)
  await page.getByRole('status').getByRole('button', { name: 'Close' }).click()
  await page.unroute('**/api/v1/me')
})

test('a user name, and an address by the code that goes to the new one', async () => {
  await page.goto(server.url + '/me/profile')
  await page.getByLabel('User name').fill('n')
  await press('Save')
  await seen(/Use 3 to 32 of/)
  await page.getByLabel('User name').fill('nia')
  await press('Save')
  await seen('Saved.')
  await page.getByLabel('New e-mail address').fill('nia@new.example')
  await press('E-mail me a code')
  const code = /is (\d+)/.exec(await mailTo('nia@new.example', /^Your code/))?.[1] ?? ''
  await page.getByLabel('Code', { exact: true }).fill(code)
  await press('Use this address')
  await seen('Now: nia@new.example')
  await mailTo(nia.email, /address was changed/)
})

test('the history names nobody else; the copy is a file', async () => {
  await page.goto(server.url + '/me/history')
  await seen('The operator revoked the code of Nia Novak for A01')
  await seen('Nia Novak signed out everywhere else')
  assert.doesNotMatch(await page.getByRole('main').innerText(), /Rosa/)
  await page.goto(server.url + '/me/data')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()])
  const copy = JSON.parse(readFileSync(await download.path(), 'utf8'))
  assert.deepEqual([copy.person.email, copy.person.username, download.suggestedFilename()], ['nia@new.example', 'nia', 'oncekey-my-data.json'])
})

test('leaving: by one\'s name; then there is no way in', async () => {
  await page.goto(server.url + '/me/data')
  await press('Delete my account')
  await inSheet('Delete my account')
  await seen('This is not Nia Novak.')
  await page.getByLabel(/Type your name/).fill('nia novak')
  await inSheet('Delete my account')
  await page.waitForURL('**/sign-in')
  await mailTo('nia@new.example', /account was deleted/)
  await page.getByLabel('E-mail or user name').fill('nia')
  await page.getByLabel('Password').fill(newPassword)
  await press('Sign in')
  await seen(/That name and password do not fit/)
  // What the browser itself says of refusals.
  assert.deepEqual(errors.filter((one) => !/status of 40[013]/.test(one)), [])
})
