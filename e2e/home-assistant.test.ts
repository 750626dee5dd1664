import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import mqtt, { type MqttClient } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { startMosquitto, type OwnMosquitto } from '../scripts/mosquitto.mjs'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

const login = { name: 'oncekey', password: 'three quiet rivers' }
let browser: Browser
let broker: OwnMosquitto
let server: Running
let client: Client
let ha: MqttClient
const kept = new Map<string, string>()

before(async () => {
  browser = await openBrowser()
  broker = await startMosquitto({ login })
  server = await runServer({ ONCEKEY_WEBHOOK_NETWORKS: 'loopback' })
  client = await setUp(server)
  ha = await mqtt.connectAsync({ host: '127.0.0.1', port: broker.port, protocolVersion: 5, username: login.name, password: login.password, reconnectPeriod: 200 })
  ha.on('message', (topic, payload) => { kept.set(topic, payload.toString()) })
  await ha.subscribeAsync('#', { qos: 1, rap: true })
})
after(async () => {
  await browser.close()
  await server.end()
  await ha.endAsync(true)
  await broker.stop()
})

/** Light and dark, at the size of the page and at 320 px. */
async function fine (page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await assertFine(page, `${what} ${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

test('an administrator connects Home Assistant, tries it, lets it move a door, sees it vanish and come back, and switches it off', async () => {
  const { page, errors } = await openPage(browser)
  await signIn(page, server.url)
  await page.goto(server.url + '/developers/home-assistant')
  await page.getByText('Not set up yet.').waitFor()
  await fine(page, 'Home Assistant, not set up')

  await page.getByRole('button', { name: 'Connect with Home Assistant' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Broker').fill('127.0.0.1')
  await dialog.getByLabel('Port').fill('0')
  await dialog.getByRole('button', { name: 'Keep and connect' }).click()
  await dialog.getByText('Type a number from 1 to 65535.').waitFor()
  await dialog.getByLabel('Port').fill(String(broker.port))
  await dialog.getByLabel('User').fill(login.name)
  await dialog.getByLabel('Password').fill('not the one')
  await fine(page, 'Home Assistant, the form')
  await dialog.getByRole('button', { name: 'Keep and connect' }).click()
  await page.getByText(/^Not connected: (wrong user or password|not allowed)/).waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByTestId('tested').getByText('The broker does not let us in.').waitFor()
  await fine(page, 'Home Assistant, refused')

  await page.getByRole('button', { name: 'Change the settings' }).click()
  await dialog.getByLabel('Password').fill(login.password)
  await dialog.getByRole('button', { name: 'Keep and connect' }).click()
  await page.locator('[data-testid="home-assistant"][data-state="connected"]').waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('It works: a message went there and came back.').waitFor()

  await page.getByRole('button', { name: 'Let it move an access point' }).click()
  await dialog.getByLabel('Access point').selectOption({ label: 'Front door' })
  await fine(page, 'Home Assistant, letting it move a door')
  await dialog.getByRole('button', { name: 'Let it move an access point' }).click()
  await page.getByTestId('allowed').getByText('Front door').waitFor()
  const { id = '' } = (await client.places.get()).doors.find(({ name }) => name === 'Front door') ?? {}
  const config = (): string => [...kept].find(([topic]) => topic.endsWith(`/${id}/config`))?.[1] ?? ''
  for (let tries = 0; !config().includes('"command_topic"'); tries++) {
    assert.ok(tries < 300, config())
    await page.waitForTimeout(100)
  }
  await fine(page, 'Home Assistant, connected')

  await broker.kill()
  await page.getByText('Not connected: nobody listens there').waitFor()
  await fine(page, 'Home Assistant, vanished')
  broker = await broker.again()
  await page.locator('[data-testid="home-assistant"][data-state="connected"]').waitFor({ timeout: 60_000 })

  await page.getByTestId('allowed').getByRole('button').click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await page.getByTestId('allowed').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Switch off' }).click()
  await dialog.getByRole('button', { name: 'Switch off' }).click()
  await page.locator('[data-testid="home-assistant"][data-state="off"]').waitFor()
  for (let tries = 0; config() !== ''; tries++) {
    assert.ok(tries < 300, config())
    await page.waitForTimeout(100)
  }
  assert.ok(!(await page.content()).includes(login.password))
  assert.deepEqual(errors, [])
})
