import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { joinImage } from '../devices/esp32/scripts/image.ts'
import { newMachine, type Answer, type Machine, type Request } from '../devices/esp32/src/testing/machine.ts'
import { assertFine, violations } from './support/axe.ts'
import { cableInto, romLoader } from './support/board.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { fillWizard, signIn } from './support/pages.ts'
import { runServer, type Running } from './support/server.ts'
import { homeThatTrusts } from './support/trust.ts'

// A real browser, a real server with an authority of its own, and at the other end of the cable the program of the ESP32
// itself, whose requests reach that server over TLS. The chip's loader is a test's, see support/board.ts.
const host = 'keys.lan'
const folder = mkdtempSync(join(tmpdir(), 'oncekey-esp32-'))
let server: Running
let home: string
let browser: Browser
let page: Page
let errors: string[]
let box: Machine
let rom: ReturnType<typeof romLoader>
let pump: NodeJS.Timeout
let httpsPort = ''
/** What the chip runs. */
let runs: 'nothing' | 'loader' | 'program' = 'nothing'

function startImage (size: number): Uint8Array {
  // No secret of a program: bytes that pack, and some that do not.
  const program = Uint8Array.from({ length: size }, (_one, i) => i < 100_000 ? i * 31 >> 3 : (i * i >> 5) % 251)
  program.set([0xe9, 5, 2, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  const bootLoader = new Uint8Array(20_000).fill(7)
  bootLoader.set([0xe9, 3, 2, 0x20])
  return joinImage(bootLoader, Uint8Array.of(0xaa, 0x50, 1, 0), program)
}

/** The box's request, over TLS to the real server; trusts what the box trusts, and nothing else. */
function ask (asked: Request): Promise<Answer | null> {
  return new Promise((resolve) => {
    const { verify, certificate } = asked.secure ?? {}
    const ca = certificate === undefined ? [] : [`-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate).toString('base64')}\n-----END CERTIFICATE-----\n`]
    const sent = request({ host: '127.0.0.1', port: httpsPort, servername: asked.host, path: asked.path, method: asked.method, agent: false, ca, rejectUnauthorized: verify !== false, headers: { host: asked.host, ...(asked.body === '' ? {} : { 'content-type': 'application/json' }) } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text) => { body += String(text) }).on('end', () => { resolve({ status: response.statusCode ?? 0, body }) })
    })
    sent.on('error', () => { resolve(null) })
    sent.end(asked.body)
  })
}

before(async () => {
  server = await runServer({ ONCEKEY_TLS: 'own', ONCEKEY_PLAIN_HTTP: 'off', ONCEKEY_PLAIN_MQTT: 'off', ONCEKEY_HTTPS_PORT: '0', ONCEKEY_MQTTS_PORT: '0', ONCEKEY_PUBLIC_URL: `https://${host}` })
  assert.ok(server.tls?.authority)
  httpsPort = String(server.tls.httpsPort)
  home = homeThatTrusts(server.tls.authority.pem)
  browser = await openBrowser({ home, flags: [`--host-resolver-rules=MAP ${host}:443 127.0.0.1:${httpsPort}, MAP ${host} 127.0.0.1`] })
  const opened = await openPage(browser)
  page = opened.page
  errors = opened.errors
  box = newMachine()
  box.networks.add('Workshop')
  box.serve = ask
  let seen = 0
  let restarts = 0
  let isStarting = false
  const say = await cableInto(page, {
    hear (bytes) {
      if (runs === 'loader') rom.hear(bytes)
      if (runs === 'program') box.cable(bytes)
    },
    reset (isLoader) {
      runs = isLoader ? 'loader' : rom.flash[0x10000] === 0xe9 ? 'program' : 'nothing'
      rom.start()
      if (runs === 'program') void start()
    }
  })
  rom = romLoader(say)
  async function start (): Promise<void> {
    isStarting = true
    say([...Buffer.from('rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n')])
    await box.start()
    isStarting = false
  }
  pump = setInterval(() => {
    if (isStarting || runs !== 'program') return
    box.pass(50)
    if (box.serialOut.length > seen) say(box.serialOut.slice(seen))
    seen = box.serialOut.length
    if (box.restarts > restarts) {
      restarts = box.restarts
      void start()
    }
  }, 50)
})

after(async () => {
  clearInterval(pump)
  box.end()
  await browser.close()
  await server.end()
  rmSync(home, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).locator('visible=true').last().click()
const seen = (text: string | RegExp): Promise<void> => page.getByRole('main').getByText(text).locator('visible=true').first().waitFor({ timeout: 30_000 })

async function choose (name: string, bytes: Uint8Array): Promise<void> {
  writeFileSync(join(folder, name), bytes)
  const asked = page.waitForEvent('filechooser')
  await press('Choose an image file')
  await (await asked).setFiles(join(folder, name))
}

test('no board chosen, or its port taken: the page says what to do', async () => {
  const link = new URL(server.setupLink ?? '')
  await page.goto(`https://${host}${link.pathname}${link.search}`)
  await fillWizard(page)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.waitForURL((where) => !where.pathname.endsWith('/start'))
  await page.goto(`https://${host}/places`)
  await press('Add door')
  await page.getByLabel('Name of the door').fill('Workshop door')
  await press('Add door')
  await press('New ESP32')
  await seen('Connect the board')
  await assertFine(page, 'connect')
  await page.evaluate('isNothingChosen = true')
  await press('Choose the board')
  await seen('No board was chosen.')
  await page.evaluate('isNothingChosen = false; isPortTaken = true')
  await press('Choose the board')
  await seen('The port can not be opened.')
  await assertFine(page, 'taken')
  await page.evaluate('isPortTaken = false')
})

test('an empty board wants its program; a file that is none, or another chip’s, is refused', async () => {
  await press('Choose the board')
  await seen('The board does not answer as Oncekey')
  await choose('photo.bin', Buffer.from('no image'))
  await seen('This file is no image for an ESP32.')
  await choose('c3.bin', Uint8Array.from({ length: 100 }, (_one, i) => [0xe9, 4][i] ?? (i === 12 ? 5 : 0)))
  await seen('This image is for another chip.')
  await assertFine(page, 'refused')
})

test('the image is written, byte for byte, and the board answers', async () => {
  rom.flash.fill(0x5a, 0x370000, 0x371000)
  const image = startImage(300_000)
  await choose('oncekey-door.bin', image)
  await seen('Erase everything first')
  await assertFine(page, 'image')
  await press('Write it to the board')
  await seen(/Preparing|Writing/)
  await seen('The board answers: Oncekey 0.1.0 on ESP32.')
  assert.ok(rom.flash.subarray(0, image.length).equals(image))
  assert.equal(rom.flash[0x370000], 0xff, 'what another owner left is gone')
  assert.deepEqual([rom.erased, rom.wrongSums], [1, 0])
})

test('the board is told its server, whose fingerprint the page knows, and a network; a wrong one is told as that', async () => {
  const print = page.getByLabel('Fingerprint of the server’s own authority')
  assert.equal(await print.inputValue(), server.tls?.authority?.fingerprint)
  assert.equal(await page.getByLabel('Address of this server').inputValue(), `https://${host}`)
  assert.deepEqual(await page.locator('datalist option').evaluateAll((all) => all.map((one) => one.getAttribute('value'))), ['Workshop'])
  await page.getByLabel('Address of this server').fill('https://localhost:8443')
  await page.getByLabel('Name of the Wi-Fi').fill('Elsewhere')
  await page.getByLabel('Password of the Wi-Fi').fill('secret 1')
  await press('Save and connect')
  await seen('To the board this address is the board itself.')
  await assertFine(page, 'network')
  await page.getByLabel('Address of this server').fill(`https://${host}/`)
  await press('Save and connect')
  await seen('The board could not join this Wi-Fi.')
  await assertFine(page, 'not-joined')
  await page.getByLabel('Name of the Wi-Fi').fill('Workshop')
  await press('Save and connect')
  await seen('Within a minute its display shows a claim code')
  await assertFine(page, 'claim')
})

test('its display shows a claim code; typed in, the controller is there, and goes to the broker over TLS', async () => {
  const ends = Date.now() + 30_000
  while (!box.rows()[0].startsWith('Claim code') || box.rows()[1].trim().length !== 10) {
    assert.ok(Date.now() < ends, box.rows().join('|'))
    await page.waitForTimeout(100)
  }
  await press('Claim a controller')
  await page.getByLabel('Claim code').fill(box.rows()[1].trim())
  await page.getByLabel('It drives').selectOption({ label: 'Workshop door' })
  await page.getByLabel('Name of the controller').fill('Board')
  await press('Claim it')
  await seen('esp32 · 0.1.0')
  while (box.mqtt === null) {
    assert.ok(Date.now() < ends, 'no broker')
    await page.waitForTimeout(100)
  }
  assert.deepEqual([box.mqtt.host, box.mqtt.port, box.mqtt.socket.secure?.protocolVersion], [host, server.tls?.mqttsPort, 0x303])
  assert.deepEqual(box.duties, [], 'nothing has moved')
})

test('a cable that is pulled leads back to its choice at once, whatever the board was asked', async () => {
  await press('New ESP32')
  for (const until of ['The board answers: Oncekey 0.1.0 on ESP32.', 'Save and connect']) {
    await press('Choose the board')
    await seen(until)
    await page.evaluate('pullCable()')
    await page.getByText('The cable was pulled, or the board lost power.').waitFor({ timeout: 3000 })
  }
})

test('a flash that keeps something else than was sent is told', async () => {
  await press('Choose the board')
  await seen('The board answers: Oncekey 0.1.0 on ESP32.')
  await press('Write another program')
  await seen('The board runs Oncekey.')
  rom.bent = 200_000
  await choose('oncekey-door.bin', startImage(250_000))
  await press('Write it to the board')
  await seen('What is on the board is not what was written.')
  await assertFine(page, 'damaged')
  rom.bent = -1
})

test('a browser that can not speak to cables says which one can, and the other way', async () => {
  const opened = await openPage(browser)
  await opened.page.addInitScript(`Object.defineProperty(Navigator.prototype, 'serial', { configurable: true, value: undefined })`)
  await signIn(opened.page, `https://${host}`)
  await opened.page.goto(`https://${host}/places?new=esp32`)
  await opened.page.getByText('Use Chrome or Edge on a computer.').waitFor()
  await opened.page.getByText('open http://192.168.4.1').waitFor()
  assert.deepEqual(await violations(opened.page), [])
  await opened.context.close()
  assert.deepEqual(errors, [])
})
