import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { Browser } from 'playwright-core'
import { assertFine, overflow, violations } from './support/axe.ts'
import { openBrowser, openPage, sizes } from './support/browser.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let server: Running
let client: Client

before(async () => {
  browser = await openBrowser()
  server = await runServer({ ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@example.org' })
  client = await setUp(server)
})

after(async () => {
  await browser.close()
  await server.end()
})

test('an operator exports the record from its page, and the program that needs nothing checks the file', async () => {
  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(server.url + '/audit')
  await page.getByText(/Verified up to .* rows? · last checkpoint: row \d+ · no witness/).waitFor()
  await page.getByRole('button', { name: 'Export' }).click()
  await assertFine(page, 'record export')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the record' }).click()])
  assert.match(download.suggestedFilename(), /^oncekey-audit-\d{4}-\d\d-\d\d\.ndjson$/)
  const file = join(server.folder, 'record.ndjson')
  await download.saveAs(file)
  await page.getByText('The file is whole.').waitFor()
  const [table] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
  await table.saveAs(`${file}.csv`)
  assert.match(readFileSync(`${file}.csv`, 'utf8'), /\r\nend,.*proves nothing/)
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Witness' }).click()
  const key = await page.getByLabel('Public key').inputValue()
  await page.getByRole('list', { name: 'The last checkpoints' }).getByText(/^Row \d+$/).first().waitFor()
  await page.getByText('only here').first().waitFor()
  await assertFine(page, 'record witness')
  const verify = () => spawnSync(process.execPath, [join(import.meta.dirname, '../apps/server/bin/oncekey-verify.mjs'), file, '--public-key', key], { encoding: 'utf8' })
  const { status, stdout } = verify()
  assert.equal(status, 0, stdout)
  assert.match(stdout, /^The file is intact: rows 1 to \d+ of \d+/)
  const bytes = readFileSync(file)
  const place = bytes.indexOf('site.created')
  const row = /"seq":(\d+)[^\n]*"site\.created"/.exec(bytes.toString())?.[1]
  bytes[place] = (bytes[place] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const changed = verify()
  assert.equal(changed.status, 1, changed.stdout)
  assert.match(changed.stdout + changed.stderr, new RegExp(`Row ${row} was edited`))
  await page.getByLabel('Send checkpoints to').fill('auditor@example.org')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/witness: by mail/).waitFor()
  await page.getByText('changed who gets the record’s checkpoints by mail').waitFor()
  await context.close()
  assert.deepEqual(errors, [])
})

test('an operator looks for events by name, kind, reason and time; the address keeps all of it', async () => {
  await client.people.add({ name: 'Ana Lopez', email: 'ana@example.org', role: 'member' })
  for (let i = 0; i < 60; i++) await client.places.addDoor({ name: `Door ${i}` })
  const { context, page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(server.url + '/audit')
  const rows = page.locator('ol li')
  await rows.nth(49).waitFor()
  await page.getByRole('searchbox', { name: 'Person, access point or reason' }).fill('lop')
  await page.getByText('“lop” stands for: Ana Lopez.').waitFor()
  await rows.first().getByText('added').waitFor()
  assert.equal(new URL(page.url()).search, '?text=lop')
  await assertFine(page, 'record found by name')
  await page.getByRole('searchbox').fill('zzz')
  await page.getByText('No person, access point or reason is called “zzz” now.').waitFor()
  await page.getByText('Nothing fits these filters').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await rows.nth(49).waitFor()

  await page.getByRole('button', { name: 'Anything' }).click()
  await page.getByRole('searchbox', { name: 'Find a kind of event' }).fill('person ad')
  await page.getByRole('checkbox', { name: 'Person added' }).check()
  await page.getByRole('searchbox', { name: 'Find a kind of event' }).fill('site se')
  await page.getByRole('checkbox', { name: 'Site set up' }).check()
  await assertFine(page, 'record kinds')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('button', { name: 'What happened: Site set up, Person added' }).waitFor()
  await page.getByRole('button', { name: 'Any time' }).click()
  await assertFine(page, 'record time')
  await page.getByRole('button', { name: 'Last 24 hours' }).click()
  await page.getByRole('button', { name: /^When: since / }).waitFor()
  const address = new URL(page.url())
  assert.deepEqual([...address.searchParams.keys()], ['event', 'from'])
  const shown = await rows.allInnerTexts()
  assert.equal(shown.length, 3, 'the site, its owner, and Ana')
  await page.reload()
  await rows.nth(2).waitFor()
  assert.deepEqual(await rows.allInnerTexts(), shown, 'the same after a reload')
  await page.goto(server.url + '/audit?reason=wrong')
  await page.getByText('Nothing fits these filters').waitFor()

  await page.goto(server.url + '/audit')
  await rows.nth(49).waitFor()
  const [{ rows: newest }, { rows: older }] = [await client.audit.page({ limit: 50 }), await client.audit.page({ limit: 100 })]
  await page.goto(`${server.url}/audit?before=${newest.at(-1)?.seq}`)
  await rows.first().waitFor()
  await page.getByRole('button', { name: 'Newer' }).click()
  await page.getByRole('button', { name: 'Newer' }).waitFor({ state: 'detached' })
  assert.ok(await rows.count() >= Math.min(older.length, 100))
  assert.equal(new URL(page.url()).search, '')
  await context.close()
  assert.deepEqual(errors, [])
})

for (const size of ['phone', 'desktop'] as const) {
  for (const dark of [false, true]) {
    test(`the record with its witness, ${size} ${sizes[size].width} px, ${dark ? 'dark' : 'light'}: no violation, nothing sticks out`, async () => {
      const { context, page } = await openPage(browser, { size, dark })
      await signIn(page, server.url)
      await page.goto(server.url + '/audit')
      await page.getByText(/last checkpoint/).waitFor()
      const found = await violations(page)
      await page.getByRole('button', { name: 'Witness' }).click()
      await page.getByLabel('Public key').waitFor()
      found.push(...await violations(page))
      assert.equal(await overflow(page), 0)
      await context.close()
      assert.deepEqual(found, [])
    })
  }
}
