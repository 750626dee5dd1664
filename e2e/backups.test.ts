import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { ownersJourney } from './support/journey.ts'
import { owner } from './support/server.ts'

const WORDS = 'otter lamp river stone seven'
const HOUR = 3_600_000
let shiftMs = 0
const journey = await ownersJourney({ clock: () => Date.now() + shiftMs })
const { page } = journey
const folder = mkdtempSync(join(tmpdir(), 'oncekey-backups-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })

async function fine (what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await assertFine(page, `backups ${what} ${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

test('a backup is made on the page, sealed, and is listed when it is whole', async () => {
  await page.goto(journey.server.url + '/audit')
  await page.getByRole('link', { name: 'Backups' }).click()
  await page.getByText('No backup yet').waitFor()
  await fine('none')
  await page.getByRole('button', { name: 'Back up now' }).click()
  await page.getByLabel('Passphrase').last().fill('short')
  const form = page.getByRole('dialog')
  await form.getByRole('button', { name: 'Back up now' }).click()
  assert.equal(await form.isVisible(), true, 'eight characters at least')
  await form.getByRole('textbox', { name: 'Passphrase' }).fill(WORDS)
  await fine('making one')
  await form.getByRole('button', { name: 'Back up now' }).click()
  const row = page.getByTestId('backup')
  await row.getByText('Sealed with a passphrase').waitFor()
  assert.match(await row.innerText(), /\d+ kB · made by hand/)
  await fine('one')
})

test('an owner who has been away proves who they are, and the file that the browser keeps is the backup', async () => {
  shiftMs += HOUR / 3
  const name = /^Download: backup of /
  await page.getByRole('button', { name }).click()
  const proof = page.getByTestId('proof')
  await proof.getByLabel('Password').fill(owner.password)
  const kept = page.waitForEvent('download')
  await proof.getByRole('button', { name: 'Confirm' }).click()
  const download = await kept
  const file = join(folder, download.suggestedFilename())
  await download.saveAs(file)
  assert.match(download.suggestedFilename(), /^oncekey-[\dTZ-]+\.backup$/)
  assert.ok(statSync(file).size > 1000)
  const words = join(folder, 'words')
  const check = (text: string): { status: number | null, stdout: string, stderr: string } => {
    writeFileSync(words, text, { mode: 0o600 })
    return spawnSync(process.execPath, [join(import.meta.dirname, '../apps/server/bin/oncekey.mjs'), 'backup', '--check', file, '--passphrase-file', words], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ONCEKEY_DATA_DIR: folder } })
  }
  const right = check(WORDS)
  assert.equal(right.status, 0, right.stdout + right.stderr)
  assert.notEqual(check('five wrong words by chance').status, 0)
  const { rows } = await journey.client.audit.page({ event: 'backup.taken' })
  assert.equal(rows.length, 1, 'asking whether it may be had is not having it')
})

test('they are made by themselves when somebody says so; what is not sealed says what that means; one is removed', async () => {
  await page.getByRole('button', { name: 'Change' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('How often').selectOption({ label: 'Every 6 hours' })
  await form.getByLabel('How many are kept').fill('0')
  await form.getByRole('textbox', { name: 'Passphrase' }).fill(WORDS)
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('A number from 1 to 365.').waitFor()
  await form.getByLabel('How many are kept').fill('3')
  await fine('schedule')
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Every 6 hours; the newest 3 are kept.').waitFor()
  await page.getByRole('button', { name: 'Change' }).click()
  await form.getByLabel('Seal it with a passphrase').uncheck()
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('region', { name: 'By themselves' }).getByText('Not sealed: whoever has the file').waitFor()
  await page.getByRole('button', { name: /^Remove: backup of / }).first().click()
  await fine('removing')
  await form.getByRole('button', { name: 'Remove' }).click()
  await page.getByText('The backup is removed.').waitFor()
  assert.deepEqual(journey.errors.filter((one) => !one.includes('403')), [])
})
