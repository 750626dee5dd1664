// Makes the pictures of docs/screens.md from the running product: a demonstration site on which a week has passed, each page at
// phone and desktop width, light and dark. Needs Chromium and ffmpeg (Debian: apt-get install chromium ffmpeg).
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '@oncekey/client'
import { openReceiver } from '@oncekey/server/testing/receiver'
import { openBrowser, openPage } from '../e2e/support/browser.ts'
import { simulatedDoor } from '../e2e/support/doors.ts'
import { mailServer } from '../e2e/support/mail.ts'
import { doorOf, signIn } from '../e2e/support/pages.ts'
import { owner, person, runServer, setUp } from '../e2e/support/server.ts'
import { ensureChromium } from './chromium.mjs'
import { root } from './steps.mjs'

process.env.CHROMIUM = await ensureChromium()
if (spawnSync('ffmpeg', ['-version']).status !== 0) {
  console.error('The pictures need ffmpeg. Install it ("sudo apt-get install ffmpeg").')
  process.exit(1)
}
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
const HOUR_MS = 3_600_000
const started = Date.now()
/** Of the server's clock: from a Monday, seven in the morning, to now. */
let shiftMs = -7 * 24 * HOUR_MS
const folder = mkdtempSync(join(tmpdir(), 'oncekey-stills-'))
const target = join(root, 'docs/pictures/screens')
rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })

const mail = await mailServer()
const gateway = await openReceiver()
const camera = await openReceiver()
const server = await runServer({ ONCEKEY_WEBHOOK_NETWORKS: 'loopback', ONCEKEY_SMTP_URL: mail.url, ONCEKEY_SMS_URL: `${gateway.url}/sms`, ONCEKEY_GATEWAY_SECRET: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }, { clock: () => Date.now() + shiftMs })
const empty = await runServer()
const browser = await openBrowser()
let client = await setUp(server, { timeZone: 'Europe/Lisbon' })
const places = await client.places.get()
const points = [...places.doors, ...places.banks.flatMap((one) => one.accessPoints)]
const people = []
for (const [name, email, role] of [['Demo Operator', 'operator@example.org', 'operator'], ['Demo Member', 'member@example.org', 'member'], ['Demo Guest', 'guest@example.org', 'member']]) {
  const { person: one } = await client.people.add({ name, email, role, password: owner.password })
  people.push(one)
  await client.grants.give({ personId: one.id, accessPointIds: points.slice(0, 4).map(({ id }) => id) })
}
const doors = {}
for (const which of ['Front door', 'Bank A']) doors[which] = (await simulatedDoor(client, server.mqttPort, which)).door
const doorOfPoint = (point) => doors[places.doors.includes(point) ? 'Front door' : 'Bank A']
const ready = (door) => door.until((one) => one.connected && one.rows()[1].startsWith('Enter code'), 60_000)

/** Somebody asks for a code and types it, or something else. */
async function visit (point, who, typed) {
  const own = person(server.url)
  await own.session.start({ login: who.email, password: owner.password })
  const { digits } = await own.codes.issue({ accessPointId: point.id })
  const door = doorOfPoint(point)
  await ready(door)
  door.type(`${typed ?? digits}#`)
  await wait(250)
  for (const { number } of door.locks()) if (door.openDoor(number)) door.closeDoor(number)
}

try {
  console.log('a week passes …')
  for (let day = 0; day < 7; day++) {
    for (const hour of [8, 9, 12, 17, 18].slice(0, day > 4 ? 2 : 5)) {
      shiftMs = (day - 7) * 24 * HOUR_MS + (hour - 7) * HOUR_MS
      // A controller is told the time when its session begins.
      for (const door of Object.values(doors)) {
        door.cutNetwork()
        door.restoreNetwork()
        await ready(door)
      }
      for (let i = 0; i <= (day + hour) % 3; i++) await visit(points[(day + hour + i) % 4], people[(day + i) % people.length], (day * hour + i) % 7 === 3 ? '000000' : undefined)
    }
  }
  shiftMs = 0
  for (const door of Object.values(doors)) {
    door.cutNetwork()
    door.restoreNetwork()
    await ready(door)
  }
  client = person(server.url)
  await client.session.start({ login: owner.email, password: owner.password })
  const { secret } = await client.apiKeys.make({ name: 'Web shop' })
  const shop = createClient({ base: server.url, apiKey: secret })
  for (let i = 0; i < 6; i++) await shop.verifications.start({ to: i % 3 === 2 ? `person${i}@example.org` : `+3519123456${70 + i}`, channels: [i % 3 === 2 ? 'email' : 'sms'], purpose: i % 2 ? 'sign-in' : 'checkout' }).catch(() => {})
  await client.contact.send({ name: 'Demo Guest', email: 'guest@example.org', message: 'Compartment A03 is hard to close. Could somebody have a look?' })
  for (const point of points.slice(0, 3)) await visit(point, people[1])
  // An alarm, and a refusal to explain.
  await ready(doors['Bank A'])
  doors['Bank A'].force(5)
  await wait(1500)

  const { context, page } = await openPage(browser)
  await signIn(page, server.url)
  // A camera at the front door, and somebody it saw: a drawing, as no real person is to be in a repository.
  const drawn = await browser.newPage({ viewport: { width: 960, height: 540 } })
  await drawn.setContent('<body style="margin:0;height:100vh;background:linear-gradient(#7c8894 55%,#4a525a 55%);display:grid;place-items:end center"><svg viewBox="0 0 100 120" style="height:80vh" fill="#2b3138"><circle cx="50" cy="30" r="18"/><path d="M14 120c0-40 12-66 36-66s36 26 36 66z"/></svg></body>')
  const picture = await drawn.screenshot({ type: 'jpeg', quality: 70 })
  await drawn.close()
  camera.manner = (response) => { response.setHeader('content-type', 'image/jpeg').end(picture) }
  await client.cameras.set(points[0].id, { url: `${camera.url}/snapshot.jpg`, causes: ['refused', 'lockedOut', 'forced', 'duress'], keepDays: 7 })
  await ready(doors['Front door'])
  doors['Front door'].type('000000#')
  await wait(1500)
  const guest = await openPage(browser)
  const fresh = await openPage(browser)
  const member = await openPage(browser)
  await signIn(member.page, server.url, { email: people[1].email, password: owner.password })
  const to = (path, ready) => async (on) => {
    await on.goto(server.url + path)
    await on.getByRole('heading').first().waitFor()
    await ready?.(on)
    await on.waitForTimeout(600)
  }
  const screens = [
    ['wizard', fresh.page, async (on) => { await on.goto(empty.setupLink); await on.getByLabel('Your name').waitFor() }],
    ['sign-in', guest.page, to('/sign-in')],
    ['access', member.page, to('/access', (on) => on.getByRole('button', { name: /(Get a code|New code) for/ }).locator('visible=true').first().waitFor())],
    ['code', member.page, async (on) => {
      await on.goto(server.url + '/access')
      const get = on.getByRole('button', { name: /(Get a code|New code) for/ }).locator('visible=true').first()
      if (await on.getByTestId('code-digits').count() === 0) await get.click()
      await on.getByTestId('code-digits').waitFor()
    }],
    ['live', page, to('/live')],
    ['door', page, to(`/live?accessPoint=${points[0].id}`, (on) => on.getByText('Lock number').waitFor())],
    ['picture', page, to(`/live?accessPoint=${points[0].id}`, async (on) => {
      await on.getByRole('button', { name: /^Picture: / }).first().click()
      await on.waitForFunction(() => document.querySelector('dialog img')?.naturalWidth > 0)
    })],
    ['alerts', page, to('/alerts')],
    ['people', page, to('/people')],
    ['places', page, to('/places')],
    ['labels', page, to(`/places?labels=${places.banks[0].id}`, (on) => on.getByRole('img').first().waitFor())],
    ['audit', page, to('/audit')],
    ['retention', page, to('/retention')],
    ['insights', page, to('/insights')],
    ['verifications', page, to('/verifications')],
    ['questions', page, to('/questions')],
    ['settings', page, to('/settings')],
    ['me', page, to('/me')]
  ]
  for (const [name, on, open] of screens) {
    for (const [size, viewport] of Object.entries(sizes)) {
      await on.setViewportSize(viewport)
      for (const theme of ['light', 'dark']) {
        await on.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
        await open(on)
        const png = join(folder, 'page.png')
        writeFileSync(png, await on.screenshot({ animations: 'disabled' }))
        const webp = join(target, `${name}-${size}-${theme}.webp`)
        const made = spawnSync('ffmpeg', ['-y', '-loglevel', 'error', '-i', png, '-c:v', 'libwebp', '-quality', '82', '-compression_level', '6', webp], { stdio: 'inherit' })
        if (made.status !== 0) throw new Error(`${webp} could not be made.`)
      }
    }
    console.log(name)
  }
  // The keypad of a simulated box, as it runs in a browser; it takes the place of the one that ran here.
  doors['Front door'].stop()
  const keypad = await context.newPage()
  for (const [size, viewport] of Object.entries(sizes)) {
    await keypad.setViewportSize(viewport)
    for (const theme of ['light', 'dark']) {
      await keypad.emulateMedia({ colorScheme: theme })
      await keypad.goto(`${server.url}/door/${places.controllers.find((one) => one.name.includes('Front door')).id}`)
      await doorOf(keypad).until(/Enter code/)
      writeFileSync(join(folder, 'page.png'), await keypad.screenshot({ animations: 'disabled' }))
      spawnSync('ffmpeg', ['-y', '-loglevel', 'error', '-i', join(folder, 'page.png'), '-c:v', 'libwebp', '-quality', '82', join(target, `keypad-${size}-${theme}.webp`)], { stdio: 'inherit' })
    }
  }
} finally {
  for (const door of Object.values(doors)) door.stop()
  await browser.close()
  await server.end()
  await empty.end()
  await gateway.close()
  await camera.close()
  await mail.close()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${target}; seven days in ${Math.round((Date.now() - started) / 1000)} s`)
