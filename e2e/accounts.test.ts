import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { strangersJourney } from './support/journey.ts'
import { mailedCode as codeTo } from './support/mail.ts'
import { signIn } from './support/pages.ts'

const nia = { username: 'nia', name: 'Nia Novak', email: 'nia@example.org', password: 'seven green lamps' }
const newPassword = 'nine copper kettles'

const { mail, server, page, errors, wait } = await strangersJourney({ hasMail: true })

const mailedCode = (count: number): Promise<string> => codeTo(mail, nia.email, count)

const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click()
const seen = (text: string | RegExp): Promise<void> => page.getByRole('main').getByText(text).locator('visible=true').first().waitFor()
const code = () => page.getByLabel('Code', { exact: true })

async function signOut (): Promise<void> {
  await page.goto(server.url + '/me')
  await press('Sign out')
  await page.waitForURL('**/sign-in')
}

test('an administrator lets everybody register; only then the sign-in page offers it', async () => {
  await page.goto(server.url + '/sign-in')
  await page.getByRole('link', { name: 'E-mail me a code' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Register' }).count(), 0)
  await page.goto(server.url + '/register')
  await seen('Accounts are made by invitation here')
  await assertFine(page, 'the closed register page')
  await signIn(page, server.url)
  await page.goto(server.url + '/people')
  await seen('Invited people')
  await press('Change …')
  await page.getByRole('radio', { name: 'Everybody' }).check()
  await seen(/They can open nothing until you give them access/)
  await assertFine(page, 'who may register')
  await press('Save')
  await page.getByRole('region', { name: 'Who may register' }).getByText('Everybody').waitFor()
  await signOut()
  await page.getByRole('link', { name: 'Register' }).click()
})

test('a stranger registers: the countdown runs, a wrong code costs a try, a resend ends the earlier code, the right one signs in', async () => {
  await page.getByLabel('User name').fill('no')
  await press('Register')
  await seen(/Use 3 to 32 of/)
  await page.getByLabel('User name').fill(nia.username)
  await page.getByLabel('Your name').fill(nia.name)
  await page.getByLabel('E-mail').fill(nia.email)
  await page.getByLabel('Password', { exact: true }).fill(nia.password)
  await assertFine(page, 'the register page')
  await press('Register')
  await seen(/on its way to nia@example\.org/)
  assert.equal(await code().evaluate((input) => input === document.activeElement), true, 'one goes on typing')
  const first = await mailedCode(1)

  const timer = page.getByRole('timer')
  const shown = await timer.textContent()
  assert.match(shown ?? '', /^4:5\d$|^5:00$/)
  await page.waitForFunction((before) => document.querySelector('[role="timer"]')?.textContent !== before, shown)
  assert.equal(await page.getByRole('button', { name: /^New code in 0:\d\d$/ }).getAttribute('aria-disabled'), 'true')

  await code().fill('12')
  await press('Confirm')
  await seen('The code has 6 digits. Look at it again.')
  await code().fill(wrong(first))
  await press('Confirm')
  await seen('That code does not fit. 4 tries left.')
  await assertFine(page, 'the step of the code')

  await wait(31_000)
  await press('New code')
  await seen(/Earlier ones do not work any more/)
  const second = await mailedCode(2)
  await code().fill(first)
  await press('Confirm')
  await seen('That code does not fit. 3 tries left.')

  await page.reload()
  await seen('That code does not fit. 3 tries left.')
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage })), /seven green lamps/)
  // As people copy it.
  await code().fill(` ${second.slice(0, 3)} ${second.slice(3)}`)
  await press('Confirm')
  await page.waitForURL('**/access')
  await seen(/Nobody has given you access yet/)
  assert.equal(await page.evaluate(() => sessionStorage.getItem('oncekey.challenge.register')), null)
  await page.reload()
  await seen(/Nobody has given you access yet/)
})

test('by user name and password; and by a mailed code, to the page that was wanted', async () => {
  await signOut()
  await page.getByLabel('E-mail or user name').fill('NIA')
  await page.getByLabel('Password').fill(nia.password)
  await press('Sign in')
  await page.waitForURL('**/access')
  await page.getByRole('link', { name: 'Me', exact: true }).click()
  await press('Sign out')
  await page.waitForURL('**/sign-in')
  assert.equal(await page.getByLabel('E-mail or user name').inputValue(), '', 'the next person is somebody else')

  await wait(31_000)
  await page.goto(server.url + '/me')
  await page.waitForURL('**/sign-in?next=*')
  await page.getByLabel('E-mail or user name').fill('nia')
  await page.getByRole('link', { name: 'E-mail me a code' }).click()
  assert.equal(await page.getByLabel('E-mail or user name').inputValue(), 'nia', 'typed once')
  await press('E-mail me a code')
  await seen(/If “nia” has an account here/)
  await assertFine(page, 'signing in by code')
  await code().fill(await mailedCode(3))
  await press('Sign in')
  await page.waitForURL('**/me')
  await seen(nia.name)
})

test('who forgot the password chooses a new one by code; the old one does not work any more', async () => {
  await signOut()
  await wait(31_000)
  await page.getByRole('link', { name: 'I can\'t sign in' }).click()
  await page.getByLabel('E-mail or user name').fill(nia.email)
  await press('E-mail me a code')
  const digits = await mailedCode(4)
  await code().fill(digits)
  await press('Set password and sign in')
  await seen('Use 8 to 128 characters, any of them.')
  await page.reload()
  assert.equal(await code().inputValue(), '')
  await code().fill(digits)
  await page.getByLabel('New password').fill(newPassword)
  await assertFine(page, 'recovery')
  await press('Set password and sign in')
  await page.waitForURL('**/access')
  await signOut()
  await page.getByLabel('E-mail or user name').fill(nia.username)
  await page.getByLabel('Password').fill(nia.password)
  await press('Sign in')
  await seen(/That name and password do not fit/)
  await page.getByLabel('Password').fill(newPassword)
  await press('Sign in')
  await page.waitForURL('**/access')
  await signOut()
})

test('a user name that is taken is asked for again beside the code, which still works', async () => {
  await page.goto(server.url + '/register')
  await page.getByLabel('User name').fill('NIA')
  await page.getByLabel('E-mail').fill('other@example.org')
  await page.getByLabel('Password', { exact: true }).fill('letmein123')
  await press('Register')
  await page.locator('[aria-invalid]').waitFor()
  assert.equal(await page.locator('[role="alert"] > *').count(), 0, 'a refused password is said once, at its field')
  await page.getByLabel('Password', { exact: true }).fill(nia.password)
  await press('Register')
  await seen(/on its way to other@example\.org/)
  const toOther = (): string | undefined => mail.mails.find((one) => one.to?.[0]?.address === 'other@example.org')?.text
  const ends = Date.now() + 10_000
  while (toOther() === undefined && Date.now() < ends) await new Promise((resolve) => { setTimeout(resolve, 50) })
  const digits = /is (\d+)/.exec(toOther() ?? '')?.[1] ?? ''
  await code().fill(digits)
  await press('Confirm')
  await seen(/“NIA” is taken/)
  await assertFine(page, 'a name that is taken')
  assert.equal(await code().inputValue(), digits, 'the code stays')
  await page.getByLabel('User name').fill('nia.2')
  await press('Confirm')
  await page.waitForURL('**/access')
  await signOut()
})

test('a code that nobody typed in time ends with one way on, and what was typed is still there', async () => {
  await page.getByLabel('E-mail or user name').fill('somebody')
  await page.getByRole('link', { name: 'E-mail me a code' }).click()
  await press('E-mail me a code')
  await seen(/If “somebody” has an account here/)
  await wait(300_000)
  await seen('The code has expired')
  await assertFine(page, 'an expired code')
  await press('Start again')
  assert.equal(await page.getByLabel('E-mail or user name').inputValue(), 'somebody')
  // The refused sign-in of before, told by the browser itself, the password, and the name that was taken.
  assert.deepEqual(errors.filter((one) => !/status of 40[019]/.test(one)), [])
})
