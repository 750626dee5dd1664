import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openProvider, type TestProvider } from '@oncekey/server/testing/provider'
import type { Browser, Page } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { owner, runServer, setUp, type Running } from './support/server.ts'

let provider: TestProvider
let server: Running
let browser: Browser
let page: Page
let errors: string[]

before(async () => {
  provider = await openProvider({ accounts: { rosa: { email: owner.email, email_verified: true, name: 'Rosa' }, eve: { email: 'eve@elsewhere.example', email_verified: true } } })
  server = await runServer(provider.env)
  await setUp(server)
  provider.know(`${server.url}/api/v1/providers/oidc/callback`)
  browser = await openBrowser()
  const opened = await openPage(browser, { size: 'phone' })
  page = opened.page
  errors = opened.errors
})

after(async () => {
  await browser.close()
  await server.end()
  await provider.close()
})

const button = () => page.getByRole('link', { name: 'Sign in with House of names' })

/** Neither axe nor the phone's edge has anything to say, and the button is wide enough for a thumb. */
async function fine (what: string): Promise<void> {
  await assertFine(page, what)
  assert.ok(((await button().boundingBox())?.height ?? 0) >= 44)
}

test('the button leads to the provider and back to the page that was wanted, signed in', async () => {
  await page.goto(server.url + '/people')
  await page.waitForURL('**/sign-in?next=%2Fpeople')
  await button().waitFor()
  await fine('the sign-in page')
  await button().click()
  await page.waitForURL(`${provider.issuer}/names/*`)
  await page.getByLabel('Account').fill('rosa')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(server.url + '/people')
  await page.getByRole('heading', { name: 'People' }).waitFor()
  assert.deepEqual(errors, [])
})

test('the way back in the browser does not sign in twice; signed out, the provider still knows them', async () => {
  await page.goto(server.url + '/me')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL('**/sign-in')
  await button().click()
  // It does not ask again.
  await page.waitForURL(server.url + '/live')
  // The provider's are here, too: it has the same host name.
  const cookies = (await page.context().cookies(server.url)).filter((one) => one.name.startsWith('oncekey'))
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })).toSorted((a, b) => a.name.localeCompare(b.name)), [
    { name: 'oncekey', httpOnly: true, sameSite: 'Lax' }, { name: 'oncekey-browser', httpOnly: true, sameSite: 'Strict' }
  ])
  assert.deepEqual(errors, [])
})

test('what the provider is linked to is on one\'s own page, is unlinked there, and linked again by a press', async () => {
  await page.goto(server.url + '/me/security')
  await page.getByRole('heading', { name: 'Sign in elsewhere' }).waitFor()
  await assertFine(page, 'a provider that is linked')
  await page.getByRole('button', { name: 'Unlink House of names' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click()
  const proof = page.getByRole('dialog').getByLabel('Password')
  const link = page.getByRole('button', { name: 'Sign in with House of names from now on' })
  await proof.or(link).first().waitFor()
  if (await proof.isVisible()) {
    await proof.fill(owner.password)
    await page.keyboard.press('Enter')
  }
  await link.waitFor()
  await assertFine(page, 'a provider that could be linked')
  await link.click()
  // It knows them still, and asks nothing.
  await page.getByRole('button', { name: 'Unlink House of names' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/me/security')
})

test('whoever cancels, is unknown, or finds the provider away reads a sentence, and can sign in by password', async () => {
  const other = await openPage(browser, { size: 'phone' })
  page = other.page
  await page.goto(server.url + '/sign-in')
  await button().click()
  await page.getByRole('link', { name: 'Cancel' }).click()
  await page.getByRole('alert').getByText('You did not sign in there.').waitFor()
  await fine('cancelled')
  await button().click()
  await page.getByLabel('Account').fill('eve')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('alert').getByText('Nobody here has that e-mail address.').waitFor()
  provider.isThere = false
  // A server that has just started knows nothing of it.
  server = await server.restart()
  await page.goto(server.url + '/sign-in')
  await button().click()
  await page.getByRole('alert').getByText('can not be reached').waitFor()
  await fine('away')
  await page.getByLabel('E-mail or user name').fill(owner.email)
  await page.locator('input[type="password"]').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(server.url + '/live')
  assert.deepEqual(other.errors, [])
})
