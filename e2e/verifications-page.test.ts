import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient, ProblemError, type Client } from '@oncekey/client'
import type { AuditRow } from '@oncekey/protocol/schemas'
import { openReceiver, type Receiver } from '@oncekey/server/testing/receiver'
import type { Browser, Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { assertFine, overflow, violations } from './support/axe.ts'
import { openBrowser, openPage, sizes } from './support/browser.ts'
import { mailServer, type MailServer } from './support/mail.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

const gatewaySecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
let browser: Browser
let mail: MailServer
let gateway: Receiver
let server: Running
let owner: Client
let shop: Client
let ahead = 0

before(async () => {
  browser = await openBrowser()
  mail = await mailServer()
  gateway = await openReceiver()
  const phones = { ONCEKEY_SMS_URL: `${gateway.url}/sms`, ONCEKEY_WHATSAPP_URL: `${gateway.url}/whatsapp`, ONCEKEY_GATEWAY_SECRET: gatewaySecret }
  server = await runServer({ ONCEKEY_SMTP_URL: mail.url, ...phones }, { clock: () => Date.now() + ahead })
  owner = await setUp(server, { timeZone: 'Europe/Berlin' })
  const { secret } = await owner.apiKeys.make({ name: 'Web shop' })
  shop = createClient({ base: server.url, apiKey: secret })
})
after(async () => {
  await browser.close()
  await server.end()
  await gateway.close()
  await mail.close()
})

/** In both themes, on a desktop and on the narrowest phone: axe finds nothing, and nothing sticks out. */
async function fine (page: Page, what: string): Promise<void> {
  await assertFine(page, what)
  const size = page.viewportSize() ?? sizes.desktop
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const viewport of [size, { width: 320, height: 568 }]) {
      await page.setViewportSize(viewport)
      assert.deepEqual(await violations(page), [], `${what}, ${colorScheme}, ${viewport.width} px`)
      assert.equal(await overflow(page), 0, `${what}, ${colorScheme}, ${viewport.width} px`)
    }
  }
  await page.setViewportSize(size)
}

/** The newest message to a number, once there is one. */
async function texted (to: string): Promise<{ id: string, code: string }> {
  for (const ends = Date.now() + 10_000; Date.now() < ends; await new Promise((resolve) => { setTimeout(resolve, 20) })) {
    const message = gateway.heard.map((one) => JSON.parse(one.body)).findLast((one) => one.to === to)
    if (message !== undefined) return message
  }
  throw new Error(`Nothing was sent to ${to}.`)
}

async function receipt (id: string, state: 'delivered' | 'failed', fault?: string): Promise<void> {
  const body = JSON.stringify({ type: 'receipt', id, state, ...fault !== undefined && { fault } })
  const name = `r-${id}-${state}`
  const at = new Date(Date.now() + ahead)
  const answer = await fetch(`${server.url}/api/v1/receipts/gateway`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'webhook-id': name, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)), 'webhook-signature': new Webhook(gatewaySecret).sign(name, at, body) } })
  assert.equal(answer.status, 204)
}

async function mailed (to: string): Promise<string> {
  for (const ends = Date.now() + 10_000; Date.now() < ends; await new Promise((resolve) => { setTimeout(resolve, 20) })) {
    const code = /#(\d{6})\s*$/.exec(mail.mails.findLast((one) => one.to?.[0]?.address === to)?.text ?? '')?.[1]
    if (code !== undefined) return code
  }
  throw new Error(`Nothing was mailed to ${to}.`)
}

const other = (code: string): string => String((Number(code) + 1) % 1e6).padStart(6, '0')

test('from nothing: the page says how to begin, then follows what programs ask for as it happens, and shows the course of each', async () => {
  const { page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.getByRole('link', { name: 'Verifications' }).click()
  await page.getByText('No verifications yet').waitFor()
  await fine(page, 'verifications empty')

  const { id } = await shop.verifications.start({ to: '+4915112345678', channels: ['sms', 'whatsapp'], purpose: 'sign-in' })
  const row = page.getByRole('row').filter({ hasText: '•••78' })
  await row.getByText('Pending').waitFor()
  const first = await texted('+4915112345678')
  await receipt(first.id, 'failed', '30007')
  await row.getByText('WhatsApp').first().waitFor()
  const code = first.code
  await shop.verifications.check(id, other(code))
  await row.getByRole('button').click()
  await page.getByText('1 of 5').waitFor()
  assert.equal((await shop.verifications.check(id, code)).status, 'approved')
  await row.getByText('Verified').waitFor()
  const panel = page.getByRole('dialog')
  await panel.getByText('Verified').last().waitFor()
  const course = await panel.getByRole('listitem').allTextContents()
  assert.match(course.join('|'), /Started.*SMS: Failed.*Not delivered 30007.*WhatsApp: Sent.*Verified/)
  const shown = await page.locator('body').innerText()
  assert.ok(!shown.includes(code) && !shown.includes('15112345678'), 'neither digits nor the whole number')
  await fine(page, 'verification open')
  await page.keyboard.press('Escape')

  // Those that are there are not drawn anew when another one comes.
  await row.evaluate((element) => { element.setAttribute('data-seen', '') })
  const waits: number[] = []
  for (const name of ['ana', 'eva', 'ida']) {
    await shop.verifications.start({ to: `${name}@example.org` })
    const began = Date.now()
    await page.getByRole('row').filter({ hasText: `${name[0]}•••@example.org` }).waitFor()
    waits.push(Date.now() - began)
  }
  // The quickest of three: a machine that is busy with other tests is not what is measured here.
  assert.ok(Math.min(...waits) < 2_000, `seen after ${waits.join(', ')} ms`)
  process.stdout.write(`  seen after ${waits.join(', ')} ms\n`)
  assert.equal(await page.locator('[data-seen]').count(), 1)
  await page.getByLabel('State').selectOption({ label: 'Verified' })
  await page.getByRole('row').filter({ hasText: 'a•••@example.org' }).waitFor({ state: 'detached' })
  assert.equal(await page.getByRole('row').count(), 2)
  await page.getByLabel('Channel', { exact: true }).selectOption({ label: 'E-mail' })
  await page.getByText('No verification fits these filters').waitFor()
  assert.deepEqual(errors, [])
  await page.context().close()
})

test('a day of everything: each figure on the page is a count of the record', async () => {
  for (let i = 0; i < 5; i++) {
    const to = `b${i}@example.org`
    const { id } = await shop.verifications.start({ to })
    const code = await mailed(to)
    if (i < 3) await shop.verifications.check(id, code)
    if (i === 3) for (let wrongly = 0; wrongly < 5; wrongly++) await shop.verifications.check(id, other(code))
    if (i === 4) await shop.verifications.cancel(id)
  }
  for (let i = 0; i < 4; i++) {
    const to = `+49151987654${i}0`
    const { id } = await shop.verifications.start({ to, ...i === 3 && { channels: ['sms', 'whatsapp'] } })
    const { id: message, code } = await texted(to)
    await receipt(message, i === 3 ? 'failed' : 'delivered', i === 3 ? '30003' : undefined)
    if (i < 2) await shop.verifications.check(id, code)
  }
  let refusedByGuard = 0
  for (const to of ['+33612345678', '+33612345679', '+351912345678']) {
    await assert.rejects(shop.verifications.start({ to }), (error) => error instanceof ProblemError && error.code === 'sendRefused')
    refusedByGuard++
  }
  // What nobody typed in ends by itself.
  ahead = 11 * 60_000
  const record = async (): Promise<AuditRow[]> => {
    const rows: AuditRow[] = []
    for (let next: number | null | undefined; next !== null;) {
      const page = await owner.audit.page({ limit: 100, ...next === undefined ? {} : { before: next } })
      rows.push(...page.rows)
      next = page.next
    }
    return rows
  }
  let rows = await record()
  const count = (event: AuditRow['event'], fits: (row: AuditRow) => boolean = () => true): number => rows.filter((row) => row.event === event && fits(row)).length
  const expired = count('verification.started') - count('verification.approved') - count('verification.blocked') - count('verification.cancelled')
  for (const ends = Date.now() + 10_000; count('verification.expired') < expired && Date.now() < ends; rows = await record()) await new Promise((resolve) => { setTimeout(resolve, 200) })

  const { page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(`${server.url}/verifications?view=figures`)
  const cells = async (label: string): Promise<Record<string, string[]>> => {
    const table = page.getByRole('table', { name: label, exact: true })
    await table.waitFor()
    return Object.fromEntries(await table.locator('tbody tr').evaluateAll((all) => all.map((row) => {
      const [name = '', ...rest] = [...row.children].map((each) => each.textContent?.trim() ?? '')
      return [name, rest]
    })))
  }
  const funnel = async (): Promise<number[]> => {
    await page.getByTestId('funnel').waitFor()
    return (await page.getByTestId('funnel').locator('b').allTextContents()).map(Number)
  }
  const wanted = [count('verification.started'), count('verification.sent'), count('verification.delivered'), count('verification.approved')]
  assert.deepEqual(await funnel(), wanted)
  assert.ok(wanted.every((each) => each > 0))
  assert.deepEqual(await cells('How they ended'), { Verified: [String(wanted[3])], Expired: [String(count('verification.expired'))], Blocked: [String(count('verification.blocked'))], Cancelled: [String(count('verification.cancelled'))] })
  const isMail = (row: AuditRow): boolean => row.details['channel'] === 'email'
  const started = rows.filter((row) => row.event === 'verification.started')
  const approvedOf = (fits: (row: AuditRow) => boolean): number => started.filter(fits).filter((row) => rows.some((one) => one.event === 'verification.approved' && one.details['verificationId'] === row.details['verificationId'])).length
  const share = (part: number, whole: number): string => `${Math.round(part / whole * 100)}%`
  const isGerman = (row: AuditRow): boolean => row.details['country'] === 'DE'
  const [germans, mails] = [started.filter(isGerman).length, started.filter(isMail).length]
  assert.deepEqual(await cells('By country'), {
    ...{ Germany: [String(germans), String(approvedOf(isGerman)), share(approvedOf(isGerman), germans)], 'E-mail': [String(mails), String(approvedOf(isMail)), share(approvedOf(isMail), mails)] },
    France: ['0', '0', '–'], Portugal: ['0', '0', '–']
  })
  const fellBack = count('verification.fellBack')
  const delivered = (channel: string): number => count('verification.delivered', (row) => row.details['channel'] === channel)
  const ways = await cells('By channel')
  assert.deepEqual([ways['SMS']?.slice(0, 2), ways['WhatsApp']?.slice(0, 2), ways['E-mail']?.slice(0, 2)], [[String(germans), String(delivered('sms'))], [String(fellBack), String(delivered('whatsapp'))], [String(mails), '0']])
  const faults = new Set(rows.filter((row) => row.event === 'verification.deliveryFailed').map((row) => String(row.details['fault'])))
  assert.ok(faults.has('UNDELIVERED 30003'))
  assert.deepEqual(await cells('Messages that failed'), Object.fromEntries([...faults].map((fault) => [`SMS · ${fault.replace('UNDELIVERED', 'Not delivered')}`, [String(count('verification.deliveryFailed', (row) => row.details['fault'] === fault))]])))
  assert.deepEqual(await cells('Messages that the guard refused'), { 'SMS · Country is not in the settings': [String(refusedByGuard)] })
  assert.deepEqual(await cells('Codes that were not taken'), { Wrong: [String(count('verification.refused', (row) => row.reason === 'wrong'))] })
  await page.getByRole('radio', { name: '30 days' }).check()
  await page.getByText('As a table').first().waitFor()
  await page.getByText('As a table').first().click()
  assert.deepEqual(await funnel(), wanted)
  await fine(page, 'verification figures')
  assert.deepEqual(errors, [])
  await page.context().close()
})

test('a block with its reason is lifted with one; an administrator changes countries, caps and costs', async () => {
  let refused = 0
  for (let i = 0; i < 12; i++) await shop.verifications.start({ to: `c${i}@example.org`, ip: '91.2.3.4' }).catch(() => { refused++ })
  assert.ok(refused > 0)
  const { page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(`${server.url}/verifications?view=guard`)
  await page.getByText('8 messages went out, 0 codes were typed in.').waitFor()
  await fine(page, 'guard with a block')
  await page.getByRole('button', { name: 'Lift the block of 91.2.3.4' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Why?').fill('Our own office')
  await fine(page, 'lifting a block')
  await sheet.getByRole('button', { name: 'Lift the block' }).click()
  await page.getByText('lifted by Rosa Vale').waitFor()
  await page.getByText('Our own office').waitFor()
  assert.equal((await shop.verifications.start({ to: 'd@example.org', ip: '91.2.3.4' })).status, 'pending')

  await page.getByRole('button', { name: 'Change' }).click()
  await sheet.getByLabel('Countries that get messages').fill('DE AT Schweiz')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.getByText('Two letters for each country, like DE').waitFor()
  await fine(page, 'guard settings')
  await sheet.getByLabel('Countries that get messages').fill('DE at, ch')
  await sheet.getByRole('group', { name: 'SMS' }).getByLabel('Messages a day').fill('50')
  await sheet.getByRole('group', { name: 'SMS' }).getByLabel('Cost of one').fill('0,075')
  await sheet.getByLabel('Costs of single countries').fill('sms AT 0.09')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved. It holds from the next message on.').waitFor()
  await page.getByText('Germany, Austria, Switzerland').waitFor()
  const { settings } = await owner.guard.get()
  assert.deepEqual([settings.countries, settings.caps.find((each) => each.channel === 'sms'), settings.costs], [['DE', 'AT', 'CH'], { channel: 'sms', messages: 50, micros: null }, [{ channel: 'sms', country: null, micros: 75_000 }, { channel: 'sms', country: 'AT', micros: 90_000 }]])
  await shop.verifications.start({ to: '+4915712345699' })
  await page.goto(`${server.url}/verifications?view=figures`)
  await page.getByText(/today 6, €0\.08 · cap of a day: 50 messages/).waitFor()
  assert.deepEqual(errors, [])
  await page.context().close()
})
