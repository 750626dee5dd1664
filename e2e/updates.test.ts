import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Client } from '@oncekey/client'
import { nodeUpdates, realClock, type SimulatedDoor } from '@oncekey/simulator'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'oncekey-images-'))
let server: Running
let client: Client
let browser: Browser
let page: Page
let errors: string[]
let front: SimulatedDoor
let bank: SimulatedDoor
let publicKey = ''
/** A door's day passes as fast as this says: 120 s are long for a test. */
let speed = 1

/** `oncekey image …`, as its user types it. */
function oncekey (...words: string[]): { code: number | null, out: string, said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../apps/server/bin/oncekey.mjs'), ...words], { cwd: folder, encoding: 'utf8' })
  return { code: status, out: stdout.trim(), said: stderr }
}

/** A clock that runs faster when it is told to; timers under way follow. */
function quickClock (): ReturnType<typeof realClock> {
  const real = realClock()
  let shown = real.now()
  let last = real.now()
  const now = (): number => {
    shown += (real.now() - last) * speed
    last = real.now()
    return Math.floor(shown)
  }
  return {
    now,
    at (at, work) {
      let cancel = (): void => {}
      const look = (): void => {
        if (now() >= at) work()
        else cancel = real.at(real.now() + Math.min(20, Math.max(1, at - now())), look)
      }
      look()
      return () => cancel()
    }
  }
}

function sign (version: string, program: string): string {
  writeFileSync(join(folder, 'program.bin'), program)
  const file = join(folder, `${version}.okimage`)
  const { code, said } = oncekey('image', 'sign', 'program.bin', '--version', version, '--hardware', 'simulator', '--key', 'operator.pem', '--out', file)
  assert.equal(code, 0, said)
  return file
}

before(async () => {
  const made = oncekey('image', 'key', 'operator.pem')
  assert.equal(made.code, 0, made.said)
  publicKey = made.out
  server = await runServer()
  client = await setUp(server)
  front = (await simulatedDoor(client, server.mqttPort, 'Front door', { updates: nodeUpdates(), firmware: '0.1.0', clock: quickClock() })).door
  bank = (await simulatedDoor(client, server.mqttPort, 'Bank', { updates: nodeUpdates(), firmware: '0.1.0' })).door
  browser = await openBrowser()
  const opened = await openPage(browser, { size: 'desktop' })
  page = opened.page
  errors = opened.errors
  await signIn(page, server.url)
})

after(async () => {
  front.stop()
  bank.stop()
  await browser.close()
  await server.end()
  rmSync(folder, { recursive: true, force: true })
})

const main = () => page.getByRole('main')
const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).locator('visible=true').last().click()
const seen = (text: string | RegExp): Promise<void> => main().getByText(text).locator('visible=true').first().waitFor()

async function choose (file: string): Promise<void> {
  const asked = page.waitForEvent('filechooser')
  await press('Upload a program')
  await (await asked).setFiles(file)
}

test('the key is added, a signed program goes up, everything else is told what is wrong with it', async () => {
  await page.goto(server.url + '/places')
  await press('Updates')
  await seen('No program yet')
  await assertFine(page, 'empty')
  await press('Add a key')
  await page.getByLabel('Name').fill('Works')
  await page.getByLabel('Public key').fill('no key')
  await press('Add a key')
  await page.getByText('This is no public key.').waitFor()
  await page.getByLabel('Public key').fill(publicKey)
  await press('Add a key')
  await seen(publicKey)
  writeFileSync(join(folder, 'plain.bin'), 'nobody signed me')
  await choose(join(folder, 'plain.bin'))
  await seen('This file is no signed program.')
  await choose(sign('0.2.0', 'x'.repeat(300_000)))
  await seen('Version 0.2.0 for simulator')
  await seen('2 controllers run something older.')
  await assertFine(page, 'a program')
})

test('rolled out: one first, the other after the pause; both report the new version, and no bolt moved', async () => {
  const moves = front.moves + bank.moves
  await press('Roll out version 0.2.0')
  await page.getByLabel('How').selectOption({ label: 'One, then all' })
  await page.getByLabel('Pause between the steps').selectOption({ label: 'None' })
  await assertFine(page, 'starting')
  await press('Start')
  await page.getByTestId('rollout').getByText('2 of 2 have it').waitFor({ timeout: 60_000 })
  await page.getByTestId('rollout').getByText('Done').waitFor()
  assert.deepEqual([front.firmware, bank.firmware], ['0.2.0', '0.2.0'])
  await main().getByText('simulator · runs 0.2.0 · on line').nth(1).waitFor()
  await assertFine(page, 'done')
  assert.equal(front.moves + bank.moves, moves)
  const { rows } = await client.audit.page({ event: 'controller.updated' })
  assert.equal(rows.length, 2, 'each once')
})

test('a program that can not reach the server: back on the old one, halted, told; the other door never got it', async () => {
  await choose(sign('0.3.0', '{"deaf":true}\n' + 'x'.repeat(50_000)))
  await seen('Version 0.3.0 for simulator')
  await press('Roll out version 0.3.0')
  await page.getByLabel('Which controllers').selectOption({ label: 'Only Front door' })
  await press('Start')
  await front.until((one) => one.firmware === '0.3.0', 30_000)
  speed = 60
  await front.until((one) => one.firmware === '0.2.0' && one.connected, 30_000)
  speed = 1
  const card = page.getByTestId('rollout').first()
  await card.getByText('Back on the old version').waitFor({ timeout: 20_000 })
  await card.getByText('Halted by itself: too many did not take it.').waitFor({ timeout: 20_000 })
  assert.equal(bank.firmware, '0.2.0')
  await assertFine(page, 'halted')
  await card.getByRole('button', { name: 'End' }).click()
  await press('End')
  await card.getByText('Ended').waitFor()
})

test('a door that stands open is not interrupted; halted by hand it is offered no more', async () => {
  await choose(sign('0.4.0', 'y'.repeat(50_000)))
  const point = (await client.places.get()).doors[0]?.id ?? ''
  const { digits } = await client.codes.issue({ accessPointId: point })
  front.type(digits + '#')
  await front.until((one) => one.lock(1).lockState === 'unlocked')
  front.openDoor(1)
  await press('Roll out version 0.4.0')
  await page.getByLabel('Which controllers').selectOption({ label: 'Only Front door' })
  await press('Start')
  const card = page.getByTestId('rollout').first()
  await card.getByText('Offered').waitFor()
  await page.waitForTimeout(1500)
  assert.equal(front.firmware, '0.2.0')
  await card.getByRole('button', { name: 'Halt' }).click()
  await card.getByText('Halted by Rosa Vale.').waitFor()
  front.closeDoor(1)
  await front.until((one) => one.lock(1).lockState === 'locked', 30_000)
  await page.waitForTimeout(1500)
  assert.equal(front.firmware, '0.2.0')
  await card.getByRole('button', { name: 'Go on' }).click()
  await press('Go on')
  await front.until((one) => one.firmware === '0.4.0', 30_000)
  await card.getByText('Done').waitFor({ timeout: 20_000 })
  assert.deepEqual(errors.filter((one) => !one.includes('422')), [])
})

test('a controller gets a group, and the next roll-out goes group by group', async () => {
  await press('Group of Bank A')
  await page.getByLabel('Group', { exact: false }).last().fill('Test bench')
  await assertFine(page, 'a group')
  await press('Save')
  await main().getByText('group “Test bench”').waitFor()
  await press('Group of Front door')
  await page.getByLabel('Group', { exact: false }).last().fill('Building A')
  await press('Save')
  await main().getByText('group “Building A”').waitFor()
  await choose(sign('0.5.0', 'z'.repeat(50_000)))
  await seen('Version 0.5.0 for simulator')
  await press('Roll out version 0.5.0')
  await page.getByLabel('How').selectOption({ label: 'Group by group' })
  await page.getByText('1. Building A (1)').waitFor()
  await press('Test bench earlier')
  await page.getByText('1. Test bench (1)').waitFor()
  await page.getByLabel('Pause between the steps').selectOption({ label: 'None' })
  await assertFine(page, 'group by group')
  await press('Start')
  const card = page.getByTestId('rollout').first()
  await card.getByText('2 of 2 have it').waitFor({ timeout: 60_000 })
  await card.getByText('Done').waitFor()
  assert.deepEqual([front.firmware, bank.firmware], ['0.5.0', '0.5.0'])
  const updated = (await client.audit.page({ event: 'controller.updated' })).rows.slice(0, 2).map((row) => row.controller?.name)
  assert.deepEqual(updated, ['Front door', 'Bank A'], 'the newest first')
  await assertFine(page, 'groups done')
})
