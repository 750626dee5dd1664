import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { Browser } from 'playwright-core'
import { openBrowser, openPage } from './support/browser.ts'
import { mailServer, type MailServer } from './support/mail.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let mail: MailServer
let server: Running
let client: Client

before(async () => {
  browser = await openBrowser()
  mail = await mailServer()
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url })
  client = await setUp(server)
  await client.places.addDoor({ name: 'Old gate' })
})
after(async () => {
  await browser.close()
  await server.end()
  await mail.close()
})

test('an administrator connects an old program; the door opens by a mailed code; diagnostics and advice tell of it', async () => {
  const { page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(`${server.url}/places`)
  await page.getByRole('button', { name: 'Let old programs in' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Let old programs in' }).click()
  await page.getByText('They are let in.').waitFor()

  await page.getByRole('button', { name: /^Old gate/ }).click()
  await page.getByRole('button', { name: 'Add a recipient' }).click()
  await page.getByLabel('Or an e-mail address').fill('caretaker@example.org')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Remove caretaker@example.org' }).waitFor()

  await page.getByRole('button', { name: 'Connect an old program' }).click()
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  const base = await page.getByLabel('This is shown once').inputValue()
  assert.match(base, /\/compat\/[\w-]{43}$/)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByText('An old program: its codes have four digits').first().waitFor()
  assert.ok(await page.getByText(/The chance of guessing in within a day is 1 in 1\d\d/).count() > 0)

  const say = (path: string, body: object): Promise<Response> => fetch(`${base}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const sent: unknown = await (await say('send-otp', { otp: '1234', mode: 'unlock' })).json()
  assert.deepEqual(sent, { status: 'success', message: 'Code sent to 1' })
  await mail.until(1)
  const digits = /The code is (\d{4})/.exec(mail.mails[0]?.text ?? '')?.[1]
  assert.equal((await say('verify-otp', { otp: digits })).status, 200)

  await page.goto(`${server.url}/live`)
  await page.getByRole('link', { name: 'Diagnostics' }).click()
  await page.getByText('Old gate is of low assurance').waitFor()
  await page.getByText('The broker answers on port').first().waitFor()
  await page.getByText('Old programs are let in (controllers: 1)').waitFor()
  await page.getByRole('button', { name: 'Look again' }).click()
  await page.getByRole('link', { name: 'Live', exact: true }).last().click()
  await page.getByText('Openings today').waitFor()

  await page.goto(`${server.url}/places`)
  await page.getByRole('button', { name: 'Revoke the token of Old gate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('The token is revoked').waitFor()
  assert.equal((await say('verify-otp', { otp: '1234' })).status, 404)
  assert.deepEqual(errors, [])
})
