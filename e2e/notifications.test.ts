import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Worker } from 'playwright-core'
import { assertFine } from './support/axe.ts'
import { simulatedDoor } from './support/doors.ts'
import { ownersJourney } from './support/journey.ts'

const { page, context, server, client, errors } = await ownersJourney()
const origin = new URL(server.url).origin
const { door } = await simulatedDoor(client, server.mqttPort, 'Front door')
after(() => { door.stop() })
const point = (await client.places.get()).doors[0]?.id ?? ''

test('on Me there is a place for notifications; without a push service the browser says no, and the page says what to do', async () => {
  await page.goto(server.url + '/me')
  await page.getByRole('link', { name: 'Notifications' }).click()
  await page.getByText('No browser shows you notifications yet.').waitFor()
  await page.getByRole('button', { name: 'Show them in this browser' }).click()
  await page.getByText('The browser did not allow it.').waitFor()
  await assertFine(page, 'me notifications')
})

type Shown = { title: string, body: string, tag: string, actions: string[] }
const says = { yes: 'Approve', no: 'Deny', done: 'Answered.', over: 'This is over.' }
let worker: Worker
let push: (message: object) => Promise<unknown>

/** What the worker has asked the browser to show since the last time. Chromium without a screen shows none, whatever was allowed. */
async function shown (count: number): Promise<Shown[]> {
  const look = (): Promise<Shown[]> => worker.evaluate(() => Reflect.get(globalThis, 'shown') as Shown[])
  for (const ends = Date.now() + 15_000; (await look()).length < count && Date.now() < ends;) await new Promise((resolve) => { setTimeout(resolve, 50) })
  const all = await look()
  await worker.evaluate(() => { Reflect.set(globalThis, 'shown', []) })
  return all
}

/** Somebody presses a button of a notification, or the notification itself. */
function press (action: string, data: object): Promise<void> {
  return worker.evaluate(async ([button, told]) => {
    let work: unknown
    const event = Object.assign(new Event('notificationclick'), { action: button, notification: { data: told, close () {} }, waitUntil (what: unknown) { work = what } })
    globalThis.dispatchEvent(event)
    await work
  }, [action, data] as const)
}

test('what a push brings is shown: an alarm, a request at a door with its two buttons, one that is over without', async () => {
  await context.grantPermissions(['notifications'], { origin })
  await page.goto(server.url + '/me/notifications')
  const line = await context.newCDPSession(page)
  const registered = new Promise<string>((resolve) => {
    line.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => { for (const one of registrations) if (!one.isDeleted) resolve(one.registrationId) })
  })
  await line.send('ServiceWorker.enable')
  await page.evaluate(async () => {
    await navigator.serviceWorker.register(new URL('push-worker.js', document.baseURI))
    await navigator.serviceWorker.ready
  })
  const registrationId = await registered
  worker = context.serviceWorkers()[0] ?? await context.waitForEvent('serviceworker')
  await worker.evaluate(() => {
    const { registration } = globalThis as unknown as { registration: { showNotification: (title: string, options: { body: string, tag: string, actions?: { title: string }[] }) => Promise<void> } }
    const show = registration.showNotification.bind(registration)
    Reflect.set(globalThis, 'shown', [])
    registration.showNotification = (title, options) => {
      (Reflect.get(globalThis, 'shown') as Shown[]).push({ title, body: options.body, tag: options.tag, actions: (options.actions ?? []).map((one) => one.title) })
      return show(title, options).catch(() => {})
    }
  })
  push = (message) => line.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(message) })
  await push({ title: 'Door forced open: A01', body: 'A01 was opened although its bolt was locked.', tag: 'a', path: '/alerts' })
  await push({ title: 'Front door', body: 'Somebody there wants to unlock it.', tag: 'b', path: '/live', until: Date.now() + 60_000, request: 'r1', says })
  await push({ title: 'Garden door', body: 'Somebody there wants to unlock it.', tag: 'c', path: '/live', until: Date.now() - 1, request: 'r2', says })
  assert.deepEqual((await shown(3)).toSorted((a, b) => a.title < b.title ? -1 : 1), [
    { title: 'Door forced open: A01', body: 'A01 was opened although its bolt was locked.', tag: 'a', actions: [] },
    { title: 'Front door', body: 'Somebody there wants to unlock it.', tag: 'r1', actions: ['Approve', 'Deny'] },
    { title: 'Garden door', body: 'This is over.', tag: 'r2', actions: [] }
  ])
})

test('Approve on a notification opens the door that asked, by the session that is here; pressed again it says that it is over', async () => {
  const settings = (): number => door.heard.filter(({ topic, direction }) => direction === 'down' && topic.endsWith('/settings')).length
  const before = settings()
  await client.doors.changeMode(point, { way: 'opens', doorMakes: false })
  await door.until(() => settings() > before)
  const moves = door.moves
  door.type('*')
  const waiting = async (): Promise<string | undefined> => (await client.doors.codes()).codes.find((one) => one.state === 'waiting')?.id
  for (const ends = Date.now() + 10_000; await waiting() === undefined && Date.now() < ends;) await new Promise((resolve) => { setTimeout(resolve, 50) })
  const request = await waiting() ?? ''
  await press('yes', { path: '/live', request, says, title: 'Front door' })
  await door.until((one) => one.moves > moves)
  await press('yes', { path: '/live', request, says, title: 'Front door' })
  assert.deepEqual((await shown(2)).map(({ body, tag }) => [body, tag]), [['Answered.', request], ['This is over.', request]])
  assert.deepEqual(errors, [])
})

test('who is not signed in answers nothing by it', async () => {
  await context.clearCookies()
  await press('no', { path: '/live', request: 'r1', says, title: 'Front door' }).catch(() => {})
  assert.deepEqual(await shown(0), [])
})
