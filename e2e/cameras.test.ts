import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { SimulatedDoor } from '@oncekey/simulator'
import type { Browser, Page } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { simulatedDoor } from './support/doors.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let server: Running
let client: Client
let front: SimulatedDoor | undefined
let page: Page
let errors: string[]
let frontId = ''
let picture: Buffer = Buffer.alloc(0)
let isWell = false
/** The camera: an HTTP server as cameras have one. */
const camera = createServer((_request, response) => {
  if (isWell) response.setHeader('content-type', 'image/jpeg').end(picture)
  else response.writeHead(401).end()
})

before(async () => {
  await new Promise<void>((resolve) => { camera.listen(0, '127.0.0.1', resolve) })
  browser = await openBrowser()
  server = await runServer({ ONCEKEY_WEBHOOK_NETWORKS: 'loopback' })
  client = await setUp(server)
  frontId = (await client.places.get()).doors[0]?.id ?? ''
  front = (await simulatedDoor(client, server.mqttPort, 'Front door')).door
  const drawn = await browser.newPage({ viewport: { width: 640, height: 360 } })
  await drawn.setContent('<body style="margin:0;height:100vh;background:linear-gradient(#5b6b7a,#20262c);display:grid;place-items:center;font:700 40px sans-serif;color:#fff">Front door, 12:00</body>')
  picture = await drawn.screenshot({ type: 'jpeg', quality: 70 })
  await drawn.close()
  const opened = await openPage(browser, { size: 'phone' })
  page = opened.page
  errors = opened.errors
  await signIn(page, server.url)
})
after(async () => {
  front?.stop()
  await browser.close()
  await server.end()
  camera.closeAllConnections()
  camera.close()
})

const sheet = () => page.locator('dialog:modal').last()

test('a camera is set up at a door; what it answers wrongly is told with the cure, and then it works', async () => {
  await page.goto(`${server.url}/places?accessPoint=${frontId}`)
  await sheet().getByText('No camera here.').waitFor()
  await sheet().getByRole('button', { name: 'Set up a camera …' }).click()
  await sheet().getByLabel('Address of a picture').fill('http://169.254.169.254/latest')
  await sheet().getByRole('button', { name: 'Save' }).click()
  await sheet().locator('[name=url][aria-invalid=true]').waitFor()
  await assertFine(page, 'a camera with an address that is refused')
  await sheet().getByLabel('Address of a picture').fill(`http://127.0.0.1:${(camera.address() as AddressInfo).port}/shot.jpg`)
  await sheet().getByLabel('User name').fill('door')
  await sheet().getByLabel('Password').fill('three old boats')
  await sheet().getByLabel('Refused attempt').check()
  await assertFine(page, 'setting a camera up')
  await sheet().getByRole('button', { name: 'Save' }).click()
  await sheet().getByText('A picture is kept for 7 days.').waitFor()
  await sheet().getByRole('button', { name: 'Try it' }).click()
  await sheet().getByText('The camera wants another user name or password.').waitFor()
  await assertFine(page, 'a camera that sends no picture')
  isWell = true
  await sheet().getByRole('button', { name: 'Try it' }).click()
  await page.getByText('The camera sent a picture.').waitFor()
  await sheet().getByText('Last picture').waitFor()
})

test('a refused attempt is on a picture in the timeline, which says when it goes; who looked is in the record', async () => {
  assert.ok(front)
  await page.goto(`${server.url}/live?accessPoint=${frontId}`)
  await sheet().getByRole('button', { name: 'Picture: Test, Front door' }).waitFor()
  front.type('00000000#')
  await front.until((one) => one.rows()[0].startsWith('Not accepted'))
  const button = sheet().getByRole('button', { name: 'Picture: Refused attempt, Front door' })
  await button.waitFor()
  await assertFine(page, 'pictures in a timeline')
  await button.click()
  const shown = sheet().getByAltText('What the camera at Front door saw')
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>('dialog img')?.naturalWidth === 640)
  await shown.scrollIntoViewIfNeeded()
  await sheet().getByText('That you looked at it is in the record.').waitFor()
  await assertFine(page, 'a picture of a camera')
  await sheet().getByRole('button', { name: 'Close' }).click()
  assert.equal((await client.audit.page({ limit: 200 })).rows.filter((row) => row.event === 'camera.pictureSeen').length, 1)
})

test('a camera is removed with its pictures', async () => {
  await page.goto(`${server.url}/places?accessPoint=${frontId}`)
  await sheet().getByRole('button', { name: 'Remove the camera …' }).click()
  await sheet().getByText('All of its pictures here are deleted now.').waitFor()
  await sheet().getByRole('button', { name: 'Remove it' }).click()
  await sheet().getByText('No camera here.').waitFor()
  assert.deepEqual(await client.cameras.get(frontId), { camera: null, pictures: [] })
  assert.deepEqual(errors.filter((error) => !error.includes('400')), [])
})
