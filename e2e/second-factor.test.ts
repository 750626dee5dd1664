import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fromBase32, totp } from '@oncekey/otp'
import type { Client } from '@oncekey/client'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { mailedCode as codeTo, mailServer, type MailServer } from './support/mail.ts'
import { doorOf, signIn } from './support/pages.ts'
import { owner, runServer, setUp, type Running } from './support/server.ts'

const nia = { username: 'nia', name: 'Nia Novak', email: 'nia@example.org', password: 'seven green lamps' }
const newPassword = 'nine copper kettles'

let mail: MailServer
let server: Running
let client: Client
let browser: Browser
let context: BrowserContext
let page: Page
let errors: string[]
/** Passkeys belong to a name. */
let url: string
let shiftMs = 0
let secret: Uint8Array
let recoveryCodes: string[]

before(async () => {
  mail = await mailServer()
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url }, { clock: () => Date.now() + shiftMs })
  url = server.url.replace('127.0.0.1', 'localhost')
  client = await setUp(server)
  await client.registration.setPolicy({ who: 'everybody', domains: [] })
  browser = await openBrowser()
  const opened = await openPage(browser, { size: 'phone' })
  context = opened.context
  page = opened.page
  errors = opened.errors
  await context.clock.install()
  const debug = await context.newCDPSession(page)
  await debug.send('WebAuthn.enable')
  await debug.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })
})

after(async () => {
  await browser.close()
  await server.end()
  await mail.close()
})

/** The server's clock and the browser's go on together. */
async function wait (ms: number): Promise<void> {
  shiftMs += ms
  await context.clock.fastForward(ms)
}
const mailedCode = (count: number): Promise<string> => codeTo(mail, nia.email, count)
const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const appCode = (): string => totp({ secret, now: Date.now() + shiftMs })
const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name, exact: typeof name === 'string' }).click()
const inSheet = (name: string): Promise<void> => page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
const seen = (text: string | RegExp): Promise<void> => page.getByText(text).locator('visible=true').first().waitFor()
const codeField = () => page.getByLabel('Code', { exact: true })
const appField = () => page.getByLabel('Code of your authenticator app')

async function signOut (): Promise<void> {
  await page.goto(url + '/me')
  await press('Sign out')
  await page.waitForURL('**/sign-in')
}
async function byPassword (password: string, on: Page = page): Promise<void> {
  await on.getByLabel('E-mail or user name').fill(nia.username)
  await on.getByLabel('Password').fill(password)
  await on.getByRole('button', { name: 'Sign in' }).click()
}
test('registers: countdown, a wrong code, another code, the right one', async () => {
  await page.goto(url + '/register')
  await page.getByLabel('User name').fill(nia.username)
  await page.getByLabel('Your name').fill(nia.name)
  await page.getByLabel('E-mail').fill(nia.email)
  await page.getByLabel('Password', { exact: true }).fill(nia.password)
  await press('Register')
  assert.match(await page.getByRole('timer').textContent() ?? '', /^4:5\d$|^5:00$/)
  await codeField().fill(wrong(await mailedCode(1)))
  await press('Confirm')
  await seen('That code does not fit. 4 tries left.')
  await wait(31_000)
  await press('New code')
  await codeField().fill(await mailedCode(2))
  await press('Confirm')
  await page.waitForURL('**/access')
})

test('signs in again and turns the authenticator app on: QR code, key, a wrong and a right code, recovery codes once', async () => {
  await signOut()
  await byPassword(nia.password)
  await page.waitForURL('**/access')
  await page.getByRole('link', { name: 'Me', exact: true }).click()
  await page.getByRole('link', { name: 'Security' }).click()
  await seen(/^Off: whoever knows your password/)
  await press('Turn on')
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  await assertFine(page, 'the set-up of the app')
  const typed = await page.getByRole('dialog').locator('code').innerText()
  assert.match(typed, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
  secret = fromBase32(typed.replaceAll(' ', '')) ?? new Uint8Array()
  await page.getByLabel('Code of the app').fill(wrong(appCode()))
  await inSheet('Turn on')
  await seen(/^That code does not fit\. Wait for the next one/)
  await page.getByLabel('Code of the app').fill(appCode())
  await inSheet('Turn on')
  await page.getByTestId('recovery-codes').waitFor()
  recoveryCodes = await page.getByTestId('recovery-codes').locator('li').allInnerTexts()
  assert.equal(recoveryCodes.length, 10)
  await assertFine(page, 'the recovery codes')
  const [file] = await Promise.all([page.waitForEvent('download'), press('Download')])
  const kept = readFileSync(await file.path(), 'utf8')
  assert.ok(recoveryCodes.every((one) => kept.includes(one)), kept)
  await page.keyboard.press('Escape')
  await seen(/^Keep them first/)
  await page.getByLabel('I have kept them').check()
  await inSheet('Done')
  await seen('10 codes left')
  await seen(/^On: besides/)
  await assertFine(page, 'the security page')
})

test('the next sign-in asks for the app: a wrong code costs a try, the right one needs no button, an old one is worth nothing', async () => {
  await signOut()
  await page.goto(url + '/sign-in?next=%2Fme%2Fhistory')
  await byPassword(nia.password)
  await page.waitForURL('**/sign-in/second?next=*')
  await page.waitForFunction(() => document.activeElement?.getAttribute('autocomplete') === 'one-time-code')
  await assertFine(page, 'the second step')
  const used = appCode()
  await wait(31_000)
  await page.reload()
  await appField().fill(wrong(appCode()))
  await seen('That is not right. 4 tries left.')
  await appField().fill(appCode())
  await page.waitForURL('**/me/history')
  assert.notEqual(used, appCode())
  await seen('Nia Novak signed in')
  await signOut()
  await byPassword(nia.password)
  await appField().fill(used)
  await seen('That is not right. 4 tries left.')
  for (const left of [3, 2, 1]) {
    await appField().fill(used)
    await seen(new RegExp(`${left} tr(y|ies) left`))
  }
  await appField().fill(used)
  await page.waitForURL('**/sign-in?again=1')
  await seen(/^The second step was not done in time/)
  await assertFine(page, 'sign-in once more')
})

test('recovery by a mailed code leaves the second factor on: a recovery code gets in, once', async () => {
  await wait(31_000)
  await page.getByRole('link', { name: 'I can\'t sign in' }).click()
  await press('E-mail me a code')
  await codeField().fill(await mailedCode(3))
  await page.getByLabel('New password').fill(newPassword)
  await press('Set password and sign in')
  await page.waitForURL('**/sign-in/second*')
  await press('Use a recovery code')
  await page.getByLabel('Recovery code').fill((recoveryCodes[0] ?? '').toLowerCase())
  await press('Sign in')
  await page.waitForURL('**/access')
  await signOut()
  await byPassword(newPassword)
  await press('Use a recovery code')
  await page.getByLabel('Recovery code').fill(recoveryCodes[0] ?? '')
  await press('Sign in')
  await seen('That is not right. 4 tries left.')
  await wait(600_000)
  await press('Use the authenticator app')
  await appField().fill(appCode())
  // Too late: ten minutes are over.
  await page.waitForURL('**/sign-in?again=1')
  await byPassword(newPassword)
  await appField().fill(appCode())
  await page.waitForURL('**/access')
})

test('a while later a passkey is added: first one proves who one is, in a dialog that gives the focus back', async () => {
  await wait(960_000)
  await page.goto(url + '/me/security')
  await page.getByRole('button', { name: 'Add a passkey' }).focus()
  await press('Add a passkey')
  await page.getByTestId('proof').waitFor()
  await assertFine(page, 'the question who one is')
  await page.keyboard.press('Escape')
  await seen('It was not confirmed that it is you, so nothing was done.')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Add a passkey')
  await press('Add a passkey')
  await appField().fill(wrong(appCode()))
  await seen('That is not right. Try again.')
  await appField().fill(appCode())
  await seen('The passkey was added.')
  await seen('9 codes left')
  await press('Rename Chrome on Linux')
  await page.getByLabel('Name', { exact: true }).fill('My laptop')
  await inSheet('Save')
  await seen('My laptop')
  await assertFine(page, 'a passkey in the list')
})

/** Here passkeys were used before, so the sign-in page offers them by itself; this authenticator says yes at once. */
const offersByItself = (isSo: boolean): Promise<void> => page.evaluate((isSo) => { localStorage[isSo ? 'setItem' : 'removeItem']('oncekey.passkey', 'used') }, isSo)

test('the passkey signs in without a name, by itself where one was used before, and as the second step', async () => {
  assert.equal(await page.evaluate(() => localStorage.getItem('oncekey.passkey')), 'used')
  await offersByItself(false)
  await signOut()
  assert.equal(await page.getByLabel('E-mail or user name').getAttribute('autocomplete'), 'username webauthn')
  await press('Use a passkey')
  await page.waitForURL('**/access')
  await page.goto(url + '/me')
  await seen(nia.name)
  await press('Sign out')
  await page.waitForURL('**/access')
  await offersByItself(false)
  await signOut()
  await byPassword(newPassword)
  await page.waitForURL('**/sign-in/second*')
  await assertFine(page, 'the second step by a passkey')
  await press('Use your passkey')
  await page.waitForURL('**/access')
  await offersByItself(false)
})

test('a remembered browser skips the second step until it is forgotten; signing out everywhere else ends it', async () => {
  const other = await openPage(browser, { size: 'desktop' })
  await other.page.goto(url + '/sign-in')
  await other.page.getByLabel('Remember this browser').check()
  await byPassword(newPassword, other.page)
  await wait(31_000)
  await other.page.getByRole('button', { name: 'Use the authenticator app' }).click()
  assert.equal(await other.page.getByLabel('Remember this browser').count(), 0, 'asked once')
  await other.page.getByLabel('Code of your authenticator app').fill(appCode())
  await other.page.waitForURL('**/access')
  await other.page.goto(url + '/me')
  await other.page.getByRole('button', { name: 'Sign out' }).click()
  await other.page.waitForURL('**/sign-in')
  await byPassword(newPassword, other.page)
  await other.page.waitForURL('**/access')

  await page.goto(url + '/me/security')
  await seen(/^No second factor is asked there until/)
  await press('Sign out everywhere else')
  await inSheet('Sign out everywhere else')
  await seen('1 session ended.')
  await other.page.waitForURL('**/sign-in?next=*')
  await press('Forget all others')
  await inSheet('Forget')
  await seen('1 browser forgotten.')
  await byPassword(newPassword, other.page)
  await other.page.waitForURL('**/sign-in/second*')
  await other.context.close()
})

test('without factors the password alone is enough again', async () => {
  await press('Turn off')
  await inSheet('Turn off')
  await seen('The authenticator app is off.')
  await press('Remove My laptop')
  await inSheet('Remove')
  await seen('The passkey was removed.')
  await seen(/^Off: whoever knows your password/)
  await signOut()
  await byPassword(newPassword)
  await page.waitForURL('**/access')
  // What the browser itself says of refusals.
  assert.deepEqual(errors.filter((one) => !/status of 40[1349]/.test(one)), [])
})

test('an owner without a second factor confirms by password before a door is unlocked from afar; then the call goes on', async () => {
  const desk = await openPage(browser, { size: 'desktop' })
  await signIn(desk.page, url)
  const door = await desk.context.newPage()
  await door.goto(`${url}/door/${(await client.places.get()).controllers.find((one) => one.name.includes('Front door'))?.id}`)
  await doorOf(door).until(/Enter code/)
  shiftMs += 960_000
  await desk.page.bringToFront()
  await desk.page.goto(url + '/live')
  await desk.page.getByRole('main').getByRole('button', { name: /Front door/ }).first().click()
  await desk.page.getByRole('button', { name: 'Unlock …' }).click()
  await desk.page.locator('dialog:modal').getByRole('textbox').fill('somebody forgot a key')
  await desk.page.locator('dialog:modal').getByRole('button', { name: 'Unlock now' }).click()
  const question = desk.page.getByTestId('proof')
  await question.getByLabel('Password').fill('not it')
  await question.getByRole('button', { name: 'Confirm' }).click()
  await question.getByText('That is not right. Try again.').waitFor()
  await question.getByLabel('Password').fill(owner.password)
  await desk.page.keyboard.press('Enter')
  await desk.page.getByText('Front door is unlocked.').first().waitFor()
  assert.equal(await desk.page.locator('dialog:modal').count(), 0)
  await desk.context.close()
})
