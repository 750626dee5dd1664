import assert from 'node:assert/strict'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { FeedEvent } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import { createFeed } from '../platform/feed.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'
import { tellStates } from './states.ts'

let world: World
let base: string
let pages: Page[]
beforeEach(async () => {
  world = await openWorld()
  pages = []
  await world.house.app.listen({ host: '127.0.0.1', port: 0 })
  // It listens on TCP, so its address is never a pipe's name.
  base = `http://127.0.0.1:${(world.house.app.server.address() as AddressInfo).port}/api/v1/feed`
})
afterEach(async () => {
  for (const page of pages) page.close()
  await world.close()
})

type Page = { status: number, events: FeedEvent[], ids: string[], text: () => string, isEnded: () => boolean, close: () => void }

async function open (who: TestPerson, lastEventId?: string): Promise<Page> {
  const control = new AbortController()
  const response = await fetch(base, { headers: { cookie: `${COOKIE}=${who.cookie}`, ...lastEventId === undefined ? {} : { 'last-event-id': lastEventId } }, signal: control.signal })
  let text = ''
  let isEnded = false
  const page: Page = { status: response.status, events: [], ids: [], text: () => text, isEnded: () => isEnded, close: () => { control.abort() } }
  pages.push(page)
  const read = async (): Promise<void> => {
    let rest = ''
    for await (const piece of response.body ?? []) {
      text += new TextDecoder().decode(piece)
      rest += new TextDecoder().decode(piece)
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const lines = block.split('\n')
        const data = lines.find((line) => line.startsWith('data: '))
        const id = lines.find((line) => line.startsWith('id: '))
        if (data !== undefined) page.events.push(JSON.parse(data.slice(6)))
        if (id !== undefined) page.ids.push(id.slice(4))
      }
    }
  }
  void read().catch(() => {}).finally(() => { isEnded = true })
  return page
}

async function until (isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !isSo(); i++) await delay(10)
  assert.ok(isSo(), 'waited in vain')
}

const rows = (page: Page): string[] => page.events.flatMap((event) => event.kind === 'audit' ? [event.row.event] : [])

test('an operator sees what happens as it happens; a holder her own codes and locks, and no reasons', async () => {
  const otto = await open(world.people.otto)
  const maya = await open(world.people.maya)
  assert.deepEqual([otto.status, maya.status], [200, 200])
  const door = await world.door()
  const front = await world.door(world.controllers.front)
  const { digits } = await world.code()
  await door.enter('0000000')
  await world.wait(4000, door)
  await door.enter(digits)
  front.openDoor(1)
  await until(() => rows(otto).includes('lock.actuated') && maya.events.some((event) => event.kind === 'code' && event.change === 'opened'))
  assert.deepEqual(rows(otto).filter((event) => /^(code|access|lock)/.test(event)), ['code.issued', 'access.denied', 'access.granted', 'lock.actuated'])
  assert.deepEqual(rows(maya), [])
  assert.deepEqual(maya.events.flatMap((event) => event.kind === 'code' ? [event.change] : []), ['issued', 'used', 'opened'])
  const openedBy = (reader: typeof maya) => new Set(reader.events.flatMap((event) => event.kind === 'state' ? [event.state.lastOpenedBy] : []))
  assert.ok(openedBy(otto).has('Maya'))
  assert.deepEqual([...openedBy(maya)], [null], 'holders are not told about each other')
  const home = await world.call(world.people.maya, 'GET', 'me/access')
  assert.ok(home.body.access.some((one: { state: { lastOpenedAt: number | null } }) => one.state.lastOpenedAt !== null))
  assert.doesNotMatch(JSON.stringify(home.body.access.map((one: { state: object }) => one.state)), /Maya/)
  const seen = new Set(maya.events.flatMap((event) => event.kind === 'state' ? [event.state.id] : []))
  assert.deepEqual(seen, new Set([world.points.a01, world.points.a02]))
  assert.doesNotMatch(maya.text() + otto.text(), new RegExp(digits))
  assert.deepEqual(otto.ids.map(Number), otto.ids.map(Number).toSorted((a, b) => a - b))
})

test('a page that was away gets the rows that it missed, each once and in order', async () => {
  const first = await open(world.people.otto)
  await world.code()
  await until(() => first.ids.length > 0)
  first.close()
  const last = first.ids.at(-1) ?? ''
  for (let i = 0; i < 5; i++) {
    world.house.wait(30_000)
    if (i < 4) await world.code()
  }
  const again = await open(world.people.otto, last)
  await world.code(world.people.maya, world.points.a02)
  await until(() => again.ids.length >= 9)
  const from = Number(last)
  assert.deepEqual(again.ids.map(Number), Array.from({ length: again.ids.length }, (_, i) => from + 1 + i))
  // Nonsense in place of an id is a page that is new.
  assert.equal((await open(world.people.otto, '<script>')).status, 200)
})

test('who is suspended, or signs out, hears nothing more', async () => {
  const maya = await open(world.people.maya)
  const otto = await open(world.people.otto)
  assert.equal((await world.call(world.people.adam, 'PATCH', `people/${world.people.maya.id}`, { suspended: true })).status, 200)
  await until(() => maya.isEnded())
  await world.call(world.people.otto, 'DELETE', 'sessions/current')
  await until(() => otto.isEnded())
  assert.equal((await open(world.people.maya)).status, 401)
})

test('an operator who becomes a member no longer sees the record', async () => {
  const otto = await open(world.people.otto)
  assert.equal((await world.call(world.people.adam, 'PATCH', `people/${world.people.otto.id}`, { role: 'member' })).status, 200)
  await delay(50)
  const before = rows(otto).length
  await world.code()
  await delay(50)
  assert.equal(rows(otto).length, before)
})

test('a reader that does not read is cut, and nobody else waits for it', async () => {
  const socket = connect((world.house.app.server.address() as AddressInfo).port, '127.0.0.1')
  let isCut = false
  socket.on('error', () => {})
  socket.on('close', () => { isCut = true })
  socket.write(`GET /api/v1/feed HTTP/1.1\r\nHost: x\r\nCookie: ${COOKIE}=${world.people.otto.cookie}\r\n\r\n`)
  socket.pause()
  const otto = await open(world.people.otto)
  await delay(50)
  const state = { id: 'x'.repeat(50_000), online: true, lockState: 'locked', doorState: 'closed', millivolts: 0, battery: 'ok', lockedOutUntil: null, lastOpenedAt: null, lastOpenedBy: null, standing: null } as const
  for (let i = 1; i <= 400; i++) {
    world.house.feed.publish({ kind: 'state', state })
    // The reader in this process needs turns of its own to read.
    await until(() => otto.events.length >= i - 5)
  }
  socket.resume()
  await until(() => isCut)
  assert.deepEqual([otto.isEnded(), otto.events.length >= 395], [false, true])
  socket.destroy()
})

test('twenty pages of one person are enough', async () => {
  for (let i = 0; i < 20; i++) assert.equal((await open(world.people.maya)).status, 200)
  assert.equal((await open(world.people.maya)).status, 429)
  pages[0]?.close()
  await delay(100)
  assert.equal((await open(world.people.maya)).status, 200)
})

test('the server stops although pages are open', async () => {
  const otto = await open(world.people.otto)
  await world.house.app.close()
  await until(() => otto.isEnded())
})

test('a state is looked up only while somebody is there to hear of it', async (t) => {
  // The test's own house listens all the time.
  const house = { ...world.house, feed: createFeed<FeedEvent>((error) => { throw error }) }
  const lookUps = t.mock.method(house.db.read, 'selectFrom')
  await tellStates(house, { controllerId: world.controllers.bank })
  assert.equal(lookUps.mock.callCount(), 0)
  const heard: string[] = []
  const end = house.feed.subscribe(({ kind }) => { heard.push(kind) })
  await tellStates(house, { controllerId: world.controllers.bank })
  assert.ok(heard.includes('state'))
  end()
  const before = lookUps.mock.callCount()
  await tellStates(house, { controllerId: world.controllers.bank })
  assert.equal(lookUps.mock.callCount(), before)
})
