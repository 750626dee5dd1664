import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient, ProblemError, type Client } from '@oncekey/client'
import { openReceiver, type Receiver } from '@oncekey/server/testing/receiver'
import type { Browser, Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage, sizes } from './support/browser.ts'
import { mailServer, type MailServer } from './support/mail.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let mail: MailServer
let shop: Receiver
let server: Running
let client: Client

before(async () => {
  browser = await openBrowser()
  mail = await mailServer()
  shop = await openReceiver()
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url, ONCEKEY_WEBHOOK_NETWORKS: 'loopback' })
  client = await setUp(server)
})
after(async () => {
  await browser.close()
  await server.end()
  await shop.close()
  await mail.close()
})

const codeIn = (n: number): string => /#(\d{6})\s*$/.exec(mail.mails[n]?.text ?? '')?.[1] ?? ''
/** Light and dark, at the size of the page and at 320 px. */
async function fine (page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await assertFine(page, `${what} ${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
/** The secret of the sheet that shows it, which goes with the sheet. */
async function takeSecret (page: Page, label: string): Promise<string> {
  const secret = await page.getByLabel(label).inputValue()
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByTestId('once').waitFor({ state: 'detached' })
  assert.ok(!(await page.content()).includes(secret.slice(8)), 'a secret stays on no page')
  return secret
}

test('a key, a webhook, words of one\'s own, another key, and its end: all on the pages, and a shop that lives by them', async () => {
  const { page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.getByRole('link', { name: 'Developers' }).click()
  await page.getByText('No program has a key yet').waitFor()
  await fine(page, 'no keys')

  // A key, with a first call that works as it stands.
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByLabel('Name of the program').fill('Web shop')
  // Several things at once, but an old page's key is for nothing else.
  await page.getByRole('checkbox', { name: /^Look at verifications/ }).check()
  await page.getByRole('checkbox', { name: /^An old page/ }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Make a key' }).click()
  await page.getByText('A key of an old page stands in addresses').waitFor()
  await fine(page, 'making a key')
  await page.getByRole('checkbox', { name: /^An old page/ }).uncheck()
  await page.getByRole('dialog').getByRole('button', { name: 'Make a key' }).click()
  await page.getByTestId('once').waitFor()
  const example = await page.getByTestId('example').textContent() ?? ''
  await page.keyboard.press('Escape')
  await page.getByText('Have you kept it?').waitFor()
  await fine(page, 'a key, once')
  const secret = await takeSecret(page, 'This key is shown once')
  assert.match(secret, /^ok_[\w-]{43}$/)
  assert.deepEqual([example.includes(`Authorization: Bearer ${secret}`), example.includes(`'${server.url}/api/v1/verifications'`), example.includes('"to":"rosa@example.org"')], [true, true, true], example)
  const row = page.getByTestId('key')
  assert.match(await row.innerText(), new RegExp(`Web shop\\s+${secret.slice(0, 6)}…\\s+Verifications · Look at verifications`))

  // A webhook: an address that nobody but this server reaches is refused at its field, another is taken.
  await page.getByRole('link', { name: 'Webhooks' }).click()
  await page.getByRole('button', { name: 'Add a webhook' }).click()
  const url = page.getByLabel('Address')
  await url.fill('https://10.0.0.7/hooks')
  await page.getByRole('dialog').getByRole('button', { name: 'Add a webhook' }).click()
  await page.getByText('an address that everybody can reach; networks of one\'s own stand in ONCEKEY_WEBHOOK_NETWORKS').waitFor()
  assert.equal(await url.getAttribute('aria-invalid'), 'true')
  await fine(page, 'a webhook that is refused')
  await url.fill(`${shop.url}/oncekey`)
  await page.getByRole('dialog').getByRole('button', { name: 'Add a webhook' }).click()
  const signedBy = await takeSecret(page, 'This secret is shown once')
  const card = page.getByTestId('webhook')
  await card.getByText('No message yet.').waitFor()

  // The shop verifies somebody, and is told so; the log shows it while it is open.
  await card.getByRole('button', { name: /^Messages to / }).click()
  const program = createClient({ base: server.url, apiKey: secret })
  const { id } = await program.verifications.start({ to: 'ana@example.org' })
  await mail.until(1)
  assert.equal((await program.verifications.check(id, codeIn(0))).status, 'approved')
  await shop.until(2)
  const types = [0, 1].map((n) => Object(new Webhook(signedBy).verify(shop.heard[n]?.body ?? '', shop.heard[n]?.headers ?? {})).type)
  assert.deepEqual(types, ['verification.sent', 'verification.verified'])
  const log = page.getByTestId('delivery')
  await log.filter({ hasText: 'Verified' }).getByText('Taken · 1 try · answer 200').waitFor()
  assert.equal(await log.count(), 2)

  // Refused once; it says so, and goes again by hand under its own id.
  shop.manner = (response) => { response.writeHead(500).end() }
  await card.getByRole('button', { name: /^Send a test to / }).click()
  await shop.until(3)
  await log.first().getByText(/Waiting · 1 try · answer 500 · it did not take it · next try/).waitFor()
  await card.getByText('Takes nothing since').waitFor()
  await fine(page, 'a webhook and its messages')
  shop.manner = (response) => { response.end() }
  await log.first().getByRole('button').click()
  await shop.until(4)
  assert.equal(shop.heard[3]?.headers['webhook-id'], shop.heard[2]?.headers['webhook-id'])
  await log.filter({ hasText: 'Test' }).getByText(/^Taken/).waitFor()
  await card.getByRole('button', { name: /^New secret for / }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click()
  assert.notEqual(await takeSecret(page, 'This secret is shown once'), signedBy)
  await card.getByText('The secret before signs, too, until').waitFor()

  // Other words: what is wrong is named at the field, what is right is drawn by the server, and the next mail has it.
  await page.getByRole('link', { name: 'Messages' }).click()
  const words = page.getByLabel('Words', { exact: true })
  await page.getByTestId('size').getByText(/of 160 characters · 1 SMS/).waitFor()
  await words.fill('Your code at {place}')
  await page.getByText('{code} where the code is to stand; {place} means nothing here').waitFor()
  await fine(page, 'words that are refused')
  await words.fill('Ключ: {code}')
  await page.getByTestId('size').getByText(/of 70 characters \(UCS-2/).waitFor()
  await page.getByRole('radio', { name: 'العربية' }).check()
  await page.getByTestId('preview').getByText('رمز').waitFor()
  assert.deepEqual([await words.getAttribute('dir'), await page.getByTestId('preview').getAttribute('dir')], ['rtl', 'rtl'])
  await fine(page, 'Arabic words')
  await page.getByRole('radio', { name: 'English' }).check()
  await page.getByRole('radio', { name: 'E-mail' }).check()
  await page.getByLabel('Subject').fill('{site} has a code for you')
  await words.fill('Ahoy! {code} opens the gangway for {minutes} minutes.')
  await page.getByTestId('preview').getByText('Ahoy! 123456 opens the gangway for 10 minutes.').waitFor()
  assert.equal(await page.getByTestId('preview').locator('code').textContent(), '@127.0.0.1 #123456')
  await page.getByRole('button', { name: 'Use these words' }).click()
  await page.getByText('These are your own words.').waitFor()
  await fine(page, 'words of one\'s own')
  const second = await program.verifications.start({ to: 'ben@example.org' })
  await mail.until(2)
  assert.equal(mail.mails[1]?.subject, 'Harbour Hall has a code for you')
  assert.ok(mail.mails[1]?.text?.startsWith(`Ahoy! ${codeIn(1)} opens the gangway for 10 minutes.`))
  await page.getByRole('button', { name: 'Back to the original' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Back to the original' }).click()
  await page.getByText('These words come with the program.').waitFor()

  // What there is to send by, and what sets up the rest.
  await page.getByRole('link', { name: 'Channels' }).click()
  const email = page.getByTestId('channel').filter({ hasText: 'E-mail' })
  await email.getByText('By the mail server 127.0.0.1').waitFor()
  await email.getByText('2 taken').waitFor()
  await page.getByTestId('channel').filter({ hasText: 'WhatsApp' }).getByText('ONCEKEY_WHATSAPP_URL').waitFor()
  // A real message to oneself, and to nobody else.
  await email.getByRole('button', { name: 'Send a test: E-mail' }).click()
  await page.getByText('A mail with a code goes to your own address, rosa@example.org.').waitFor()
  await fine(page, 'a test of a channel')
  await page.getByRole('dialog').getByRole('button', { name: 'Send a test' }).click()
  await mail.until(3)
  assert.equal(mail.mails[2]?.to?.[0]?.address, 'rosa@example.org')
  await page.getByTestId('channel-test').getByText(/^To r•••@example.org: taken\. Nothing more will be heard\./).waitFor()
  await email.getByText('3 taken').waitFor()
  await fine(page, 'channels')
  // Pressed once more at once: it says why not.
  await email.getByRole('button', { name: 'Send a test: E-mail' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Send a test' }).click()
  await page.getByRole('dialog').getByRole('alert').getByText(/too soon|Wait/i).waitFor()
  await page.keyboard.press('Escape')

  // A recipient of tests.
  await page.getByRole('link', { name: 'Test recipients' }).click()
  await page.getByRole('button', { name: 'Add a test recipient' }).click()
  await page.getByRole('textbox', { name: 'Recipient' }).fill('test@example.org')
  await page.getByLabel('Fixed code').fill('42')
  await page.getByRole('dialog').getByRole('button', { name: 'Add a test recipient' }).click()
  await page.getByText('Six digits.', { exact: true }).waitFor()
  await fine(page, 'adding a test recipient')
  await page.getByLabel('Fixed code').fill('424242')
  await page.getByRole('dialog').getByRole('button', { name: 'Add a test recipient' }).click()
  await page.getByRole('button', { name: 'Remove test@example.org' }).waitFor()
  assert.ok(!(await page.content()).includes('424242'))
  const third = await program.verifications.start({ to: 'test@example.org' })
  assert.equal((await program.verifications.check(third.id, '424242')).status, 'approved')
  await fine(page, 'test recipients')

  // Another key, with a day of grace; then the end of both.
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'New secret for Web shop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click()
  const next = await takeSecret(page, 'This key is shown once')
  await row.getByText('The key before works until').waitFor()
  await fine(page, 'a rotated key')
  for (const key of [secret, next]) assert.equal((await createClient({ base: server.url, apiKey: key }).verifications.get(second.id)).status, 'pending')
  await page.getByRole('button', { name: 'Revoke the key of Web shop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('The key of Web shop is revoked.').waitFor()
  await page.getByText('1 key that has ended').waitFor()
  for (const key of [secret, next]) {
    await assert.rejects(createClient({ base: server.url, apiKey: key }).verifications.get(second.id), (error) => error instanceof ProblemError && error.status === 401 && error.code === 'apiKeyNeeded' && error.cure !== '')
  }

  // German words are longer.
  const german = await (await browser.newContext({ locale: 'de-DE', viewport: sizes.phone, storageState: await page.context().storageState() })).newPage()
  for (const [part, word] of [['keys', 'Schlüssel anlegen'], ['webhooks', 'Test senden'], ['tests', 'Testempfänger anlegen'], ['messages', 'Diese Worte verwenden'], ['channels', 'Erneut nachsehen']] as const) {
    await german.goto(`${server.url}/developers/${part}`)
    await german.getByText(word).first().waitFor()
    await fine(german, `${part} in German`)
  }
  const { rows } = await client.audit.page({ limit: 100 })
  const kept = JSON.stringify([rows, server.logged])
  assert.ok([secret, next, signedBy].every((one) => !kept.includes(one.slice(8))))
  assert.deepEqual(errors.filter((error) => !/status of (400|401|429)/.test(error)), [])
})

test('operators who are no administrators see no keys; a server that others reach says why it has no test recipients', async () => {
  await client.people.add({ name: 'Otto', email: 'otto@example.org', role: 'operator', password: 'green paper boats' })
  const { page } = await openPage(browser, { size: 'phone' })
  await signIn(page, server.url, { email: 'otto@example.org', password: 'green paper boats' })
  await page.getByRole('heading', { name: 'Live' }).waitFor()
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('link', { name: 'Access points' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Developers' }).count(), 0)
  await page.goto(`${server.url}/developers/webhooks`)
  await page.getByText('Your role does not allow this.').waitFor()
  assert.equal(await page.getByTestId('webhook').count(), 0)
  await fine(page, 'not allowed')

  const other = await runServer({ ONCEKEY_TEST_RECIPIENTS: 'off' })
  try {
    await setUp(other)
    await signIn(page, other.url)
    await page.getByRole('heading', { name: 'Live' }).waitFor()
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('link', { name: 'Developers' }).click()
    await page.getByRole('link', { name: 'Test recipients' }).click()
    await page.getByText('ONCEKEY_TEST_RECIPIENTS=on').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Add a test recipient' }).count(), 0)
    await fine(page, 'no test recipients here')
  } finally {
    await other.end()
  }
})
