import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { overflow, violations } from './support/axe.ts'
import { openBrowser, openPage, sizes } from './support/browser.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let server: Running

before(async () => {
  browser = await openBrowser()
  server = await runServer({ ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@example.org' })
  await setUp(server)
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
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export' }).click()])
  assert.match(download.suggestedFilename(), /^oncekey-audit-\d{4}-\d\d-\d\d\.ndjson$/)
  const file = join(server.folder, 'record.ndjson')
  await download.saveAs(file)
  await page.getByRole('button', { name: 'Witness' }).click()
  const key = await page.getByLabel('Public key').inputValue()
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, '../apps/server/bin/oncekey-verify.mjs'), file, '--public-key', key], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  assert.match(stdout, /^The file is intact: rows 1 to \d+ of \d+/)
  await page.getByLabel('Send checkpoints to').fill('auditor@example.org')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/witness: by mail/).waitFor()
  await page.getByText('changed who gets the record’s checkpoints by mail').waitFor()
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
