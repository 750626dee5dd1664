import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine, overflow, violations } from './support/axe.ts'
import { openPage } from './support/browser.ts'
import { strangersJourney } from './support/journey.ts'
import { signIn } from './support/pages.ts'

// No gateway, no mail server, nothing: as somebody has it who has just installed it.
const { server, browser, page, errors, wait } = await strangersJourney({ timeZone: 'Europe/Berlin' })

const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click()
const seen = (text: string | RegExp): Promise<void> => page.getByRole('main').getByText(text).locator('visible=true').first().waitFor()
const inbox = () => page.getByTestId('demo-inbox')
const steps = (): Promise<string[]> => page.getByTestId('step').evaluateAll((all) => all.map((one) => one.getAttribute('data-state') ?? ''))

async function ask (to: string, more: { language?: string } = {}): Promise<void> {
  await page.getByLabel('Phone number or e-mail').fill(to)
  if (more.language !== undefined) await page.getByLabel('Language of the message').selectOption({ label: more.language })
  await press('Send the code')
}

/** As a person reads it: in the message beside the form. */
async function readCode (): Promise<string> {
  const text = await inbox().getByTestId('demo-message').textContent() ?? ''
  return /\b(\d{6})\b/.exec(text)?.[1] ?? assert.fail(`There is no code in "${text}".`)
}

async function type (code: string): Promise<void> {
  await page.getByLabel('Code', { exact: true }).fill(code)
  await press('Check the code')
}

for (const [width, height, number] of [[320, 568, '+49 1522 3433333'], [390, 844, '+49 1522 3433334']] as const) {
  test(`at ${width} px: a number, a wrong code, the code from the inbox below, verified`, async () => {
    await page.setViewportSize({ width, height })
    await page.goto(server.url + '/try')
    await seen('The message shows here, and only to you')
    await assertFine(page, `the demo page ${width}`)
    await ask(number, { language: 'Deutsch' })
    await inbox().getByText('Delivered').waitFor()
    await inbox().getByText(/ist Ihr Code für Harbour Hall/).waitFor()
    const field = page.getByLabel('Code', { exact: true })
    assert.deepEqual([await field.getAttribute('autocomplete'), await field.getAttribute('inputmode')], ['one-time-code', 'numeric'])
    assert.match(await page.getByRole('timer').textContent() ?? '', /^(9:\d\d|10:00)$/)
    await page.getByRole('button', { name: /^New code in 0:\d\d$/ }).waitFor()
    assert.deepEqual(await steps(), ['asked done', 'accepted done', 'delivered done', 'verified now'])
    await assertFine(page, `the demo page with a message ${width}`)
    const code = await readCode()
    await type(wrong(code))
    await seen('That code does not fit. 4 tries left.')
    await type(code)
    await seen('Verified')
    assert.deepEqual(await steps(), ['asked done', 'accepted done', 'delivered done', 'verified done'])
    await inbox().getByText('The message was wiped').waitFor()
    assert.equal(await overflow(page), 0)
    await assertFine(page, `the demo page when it is done ${width}`)
    await press('Try another')
  })
}

test('the same by mail; in the dark, too; and how a program does it, with that address', async () => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await ask('ana@example.org', { language: 'English' })
  await inbox().getByRole('heading', { name: 'Your code for Harbour Hall' }).waitFor()
  assert.deepEqual(await violations(page), [])
  await page.setViewportSize({ width: 1280, height: 800 })
  assert.deepEqual(await violations(page), [])
  await page.getByText('How your program does this').click()
  const example = page.getByRole('region', { name: 'How your program does this' })
  assert.match(await example.textContent() ?? '', new RegExp(`curl '${server.url}/api/v1/verifications'[^]*"to":"ana@example.org"`))
  await page.getByRole('radio', { name: 'TypeScript' }).check()
  assert.match(await example.textContent() ?? '', /verifications\.start\(\{\s+to: 'ana@example\.org', channel: 'email'/)
  await page.emulateMedia({ colorScheme: 'light' })
  await assertFine(page, 'the demo page with examples')
  await type(await readCode())
  await seen('Verified')
  await press('Try another')
})

test('what can not be sent to is said at the field, with its cure', async () => {
  await ask('0151 23456789')
  await seen(/a phone number with \+ and the number of its country/)
  await ask('+49 900 1234567')
  await seen(/this one is for premium or shared-cost calls/)
  assert.equal(await page.getByLabel('Phone number or e-mail').evaluate((input) => input === document.activeElement), true)
  await assertFine(page, 'the demo page with a fault')
})

test('five wrong codes are too many; a code that nobody types expires; each time one can start again', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await ask('bo@example.org')
  await inbox().getByTestId('demo-message').waitFor()
  const code = await readCode()
  for (let i = 0; i < 4; i++) {
    await type(wrong(code))
    await seen(new RegExp(`does not fit\\. ${4 - i} tr`))
  }
  await type(wrong(code))
  await seen('No tries are left')
  assert.equal((await steps())[3], 'blocked over')
  await assertFine(page, 'the demo page after five wrong codes')
  await press('Start again')
  await ask('cy@example.org')
  await inbox().getByTestId('demo-message').waitFor()
  await wait(31_000)
  const first = await readCode()
  await press('New code')
  await seen('A new code is on its way')
  await page.waitForFunction((old) => { const text = document.querySelector('[data-testid="demo-message"]')?.textContent; return text !== undefined && text !== null && !text.includes(old) }, first)
  await wait(600_000)
  await seen('The code has expired')
  assert.equal((await steps())[3], 'expired over')
  await assertFine(page, 'the demo page when the code has expired')
  await press('Start again')
  await ask('di@example.org')
  await inbox().getByTestId('demo-message').waitFor()
  await type(await readCode())
  await seen('Verified')
})

test('an administrator closes it: a stranger is told how to go on, the administrator goes on', async () => {
  const { page: desk, errors: others } = await openPage(browser)
  await signIn(desk, server.url)
  await desk.goto(server.url + '/try')
  await assertFine(desk, 'the demo page of an administrator')
  await desk.getByRole('button', { name: 'Only for operators' }).click()
  await desk.getByText('Only operators may use this page.', { exact: true }).waitFor()
  await page.goto(server.url + '/try')
  await seen('This page is for operators here')
  await assertFine(page, 'the closed demo page')
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.waitForURL('**/sign-in?next=/try')
  await desk.getByLabel('Phone number or e-mail').fill('+49 1522 3433333')
  assert.equal(await desk.getByLabel('Send it for real').count(), 0, 'nothing is set up')
  await desk.getByRole('button', { name: 'Send the code' }).click()
  await desk.getByTestId('demo-message').waitFor()
  assert.deepEqual(others, [])
  // A refused form is an answer with an error's status, which browsers write into their console.
  assert.deepEqual(errors.filter((one) => !one.includes('status of 4')), [])
})
