import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toBase64url } from '@oncekey/otp/bytes'
import { mqttUrl, startBrowserDoor, type BrowserDoor, type DoorSnapshot } from './browser.ts'
import { onlyTab, type KeyValue, type LockRequests } from './one-tab.ts'
import { testBroker } from './testing/broker.ts'
import { identity } from './testing/house.ts'
import { testServer, type TestServer } from './testing/server.ts'

const simulation = { siteId: identity.site, controllerId: identity.controller, key: toBase64url(identity.rootKey), mqttPath: '/mqtt', locks: 2 }

/** localStorage as a page has it. */
function pageMemory (): KeyValue & { map: Map<string, string> } {
  const map = new Map<string, string>()
  return {
    map,
    get length () { return map.size },
    key: (index) => [...map.keys()][index] ?? null,
    getItem: (key) => map.get(key) ?? null,
    setItem (key, value) { map.set(key, value) },
    removeItem (key) { map.delete(key) }
  }
}

/** Web Locks of one browser: one holder, the others in a row. */
function webLocks (): LockRequests {
  let last: Promise<void> = Promise.resolve()
  return {
    request (_name, { signal }, held) {
      const turn = last.then(() => { if (!signal.aborted) return held() })
      last = turn.catch(() => {})
      return turn
    }
  }
}

/** A page with the door in it. */
function page (base: string, store: KeyValue, locks: LockRequests | undefined): { door: BrowserDoor, until: (holds: (view: DoorSnapshot) => boolean) => Promise<DoorSnapshot> } {
  const watchers = new Set<() => void>()
  const door = startBrowserDoor({ simulation, base, store, locks, onChange: () => { for (const look of [...watchers]) look() } })
  return {
    door,
    until: (holds) => new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`in vain: ${JSON.stringify(door.snapshot())}`)), 8000)
      function look (): void {
        const view = door.snapshot()
        if (!holds(view)) return
        clearTimeout(late)
        watchers.delete(look)
        resolve(view)
      }
      watchers.add(look)
      look()
    })
  }
}

test('a door in a page: opens by code, tells what happened, survives a reload, and another tab takes over', async (t) => {
  const broker = await testBroker()
  t.after(() => broker.stop())
  const server: TestServer = testServer(identity, (topic, payload, retain) => { void broker.send(topic, payload, retain) }, { locks: 2 })
  broker.onPublish((topic, payload) => server.receive(topic, payload))
  server.settings()
  server.codes.set('123456', 2)
  const base = broker.ws.replace('ws:', 'http:').replace('/mqtt', '/')
  const store = pageMemory()
  const locks = webLocks()

  const first = page(base, store, locks)
  await first.until((view) => view.rows[1].startsWith('Enter code'))
  for (const key of ['1', '2', '3', '4', '5', '6', '#'] as const) first.door.press(key)
  await first.until((view) => view.locks[1]?.lockState === 'unlocked')
  first.door.toggleDoor(1)
  first.door.toggleDoor(2)
  const view = await first.until((one) => one.locks[1]?.doorState === 'open' && one.happenings.some((fact) => fact.what === 'opened'))
  assert.equal(view.name, 'Bank A')
  assert.equal(view.role, 'controller')
  assert.deepEqual(view.locks.map((lock) => [lock.label, lock.kind, lock.doorState]), [['A01', 'compartment', 'closed'], ['A02', 'compartment', 'open']])
  assert.ok((view.sound?.count ?? 0) > 7 && view.sound!.notes.every((note) => note.ms > 0))
  const told = view.happenings.map((fact) => fact.what).reverse()
  for (const what of ['connected', 'hello', 'settings', 'welcome', 'booted', 'asked', 'granted', 'unlocked', 'doorHeld', 'doorOpened', 'opened'] as const) assert.ok(told.includes(what), what)
  assert.equal([...store.map.values()].some((value) => value.includes('123456')), false)

  const second = page(base, store, locks)
  await second.until((one) => one.role === 'elsewhere')
  second.door.press('1')
  first.door.stop()
  // The other tab boots with what was saved: the door still stands open, and the lock is still owed.
  const after = await second.until((one) => one.role === 'controller' && one.connected && one.rows[0].startsWith('Please close'))
  assert.equal(after.locks[1]?.doorState, 'open')
  second.door.setNetwork(false)
  await second.until((one) => !one.network && !one.connected)
  second.door.setNetwork(true)
  await second.until((one) => one.connected)
  second.door.jam(2, true)
  assert.equal(second.door.snapshot().locks[1]?.jammed, true)
  second.door.jam(2, false)
  second.door.setPower(false)
  assert.deepEqual((await second.until((one) => !one.powered)).rows, [' '.repeat(16), ' '.repeat(16)])
  second.door.setPower(true)
  await second.until((one) => one.connected)
  second.door.stop()
})

test('of two browsers with one door the newer keeps it, and the older waits until it is told to take it', async (t) => {
  let isOpen = true
  const refusal = Promise.withResolvers<void>()
  const broker = await testBroker(() => {
    if (!isOpen) refusal.resolve()
    return isOpen
  })
  t.after(() => broker.stop())
  const base = broker.ws.replace('ws:', 'http:').replace('/mqtt', '/')
  const older = page(base, pageMemory(), webLocks())
  t.after(() => older.door.stop())
  await older.until((view) => view.connected)
  // A restart: the line is cut, a dial fails, and the next connection does not live long either.
  isOpen = false
  broker.breakAll()
  await refusal.promise
  isOpen = true
  await older.until((view) => view.connected)
  broker.breakAll()
  await older.until((view) => !view.connected)
  await older.until((view) => view.connected && view.role === 'controller')

  const newer = page(base, pageMemory(), webLocks())
  t.after(() => newer.door.stop())
  const displaced = await older.until((view) => view.role === 'displaced')
  assert.equal(displaced.connected, false)
  assert.deepEqual(displaced.locks, [])
  await newer.until((view) => view.connected)
  assert.equal(newer.door.snapshot().role, 'controller')

  older.door.take()
  await newer.until((view) => view.role === 'displaced')
  await older.until((view) => view.connected)
  assert.equal(older.door.snapshot().role, 'controller')
  newer.door.take()
  newer.door.take()
  await older.until((view) => view.role === 'displaced')
})

test('without Web Locks a lease keeps one tab the controller, and a tab that lost it stops', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  const store = pageMemory()
  const log: string[] = []
  const tab = (name: string): () => void => onlyTab('door', () => {
    log.push(`${name} runs`)
    return () => log.push(`${name} stops`)
  }, { locks: undefined, store })
  const leaveFirst = tab('first')
  const leaveSecond = tab('second')
  t.mock.timers.tick(60_000)
  assert.deepEqual(log, ['first runs'])
  leaveFirst()
  t.mock.timers.tick(2000)
  assert.deepEqual(log, ['first runs', 'first stops', 'second runs'])
  // Another took it while this tab was asleep.
  store.setItem('door/tab', `other ${Date.now() + 5000}`)
  t.mock.timers.tick(2000)
  assert.deepEqual(log.at(-1), 'second stops')
  // The other is gone without a word.
  t.mock.timers.tick(8000)
  assert.deepEqual(log.at(-1), 'second runs')
  leaveSecond()
  assert.equal(store.length, 0)
})

test('the broker is found beside the page, also under a path and over TLS', () => {
  assert.equal(mqttUrl('/mqtt', 'http://host:8080/'), 'ws://host:8080/mqtt')
  assert.equal(mqttUrl('/mqtt', 'https://host/ingress/x/?a=1#b'), 'wss://host/ingress/x/mqtt')
  assert.equal(mqttUrl('mqtt', 'http://host/'), 'ws://host/mqtt')
})

test('a key that is none is refused at once', () => {
  assert.throws(() => startBrowserDoor({ simulation: { ...simulation, key: 'short' }, onChange () {}, store: pageMemory() }), /not 32 bytes/)
})
