import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { CameraAnswer, CameraForm } from '@oncekey/protocol/schemas'
import { callForHelp } from '../alarms/duress.ts'
import { verifyEntry } from '../access/verify.ts'
import { openReceiver, type Receiver } from '../testing/receiver.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'
import { forgetPictures, MOST_KEPT } from './pictures.ts'
import { httpCamera, MOST_BYTES } from './snapshot.ts'
import { PACE_MS, startLooking, type Looking } from './take.ts'

const DAY = 86_400_000
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 400 }, (_, i) => i % 251), 0xff, 0xd9])
let world: World
let camera: Receiver
let looking: Looking

beforeEach(async () => {
  world = await openWorld({ env: { ONCEKEY_WEBHOOK_NETWORKS: 'loopback' } })
  camera = await openReceiver()
  camera.manner = (response) => { response.setHeader('content-type', 'image/jpeg').end(jpeg) }
  looking = startLooking(world.house, httpCamera({ networks: world.house.config.webhookNetworks, timeoutMs: 600 }))
})
afterEach(async () => {
  await looking.stop()
  await camera.close()
  await world.close()
})

const at = (point = world.points.front) => `access-points/${point}/camera` as const
const set = (form: Partial<CameraForm> = {}, point?: string, who = world.people.adam) => world.call(who, 'PATCH', `${at(point)}`, { url: `${camera.url}/shot.jpg?size=2`, causes: ['refused', 'lockedOut', 'forced', 'duress'], keepDays: 7, ...form })
const seen = async (who: TestPerson = world.people.otto, point?: string): Promise<CameraAnswer> => (await world.call(who, 'GET', `${at(point)}`)).body
const attempt = () => world.call(world.people.adam, 'POST', `${at()}/test`)
const type = (digits: string, name: 'front' | 'bank' = 'front') => world.house.db.write((trx) => verifyEntry(trx, world.house, { controller: { id: world.controllers[name], name: 'Front door' }, requestId: world.house.newId(), lock: 0, digits }))
async function until<Found> (look: () => Promise<Found | undefined | false>): Promise<Found> {
  for (const ends = Date.now() + 10_000; Date.now() < ends; await new Promise((resolve) => { setTimeout(resolve, 10) })) {
    const found = await look()
    if (found !== undefined && found !== false) return found
  }
  throw new Error('It did not come.')
}
const pictures = (count: number, who?: TestPerson) => until(async () => {
  const answer = await seen(who)
  return answer.pictures.length === count && answer
})
const look = (id: string, who = world.people.otto) => world.house.app.inject({ url: `/api/v1/pictures/${id}`, cookies: { oncekey: who.cookie } })

test('a camera is set by administrators; where it is and what it is asked with rest sealed and are never told', async () => {
  const { adam, maya, otto } = world.people
  assert.deepEqual(await seen(), { camera: null, pictures: [] })
  assert.equal((await set({}, undefined, otto)).refusal, 'notAllowed')
  assert.equal((await world.call(maya, 'GET', at())).refusal, 'notAllowed')
  for (const url of ['ftp://127.0.0.1/x', 'http://10.0.0.7/x', 'http://u:p@127.0.0.1:8080/x', 'http://127.0.0.1:25/x', 'shot']) {
    const { refusal, problem } = await set({ url })
    assert.deepEqual([refusal, problem.errors?.[0]?.field], ['badRequest', 'url'], url)
  }
  assert.equal((await world.call(adam, 'PATCH', at(), { causes: ['forced'], keepDays: 7 })).refusal, 'badRequest', 'the first time with its address')
  for (const form of [{ keepDays: 0 }, { keepDays: 31 }, { causes: [] }]) assert.equal((await set(form)).refusal, 'badRequest')
  const { status, said } = await set({ user: 'door', password: 'very secret' })
  assert.deepEqual([status, (await seen()).camera], [200, { host: new URL(camera.url).host, causes: ['refused', 'lockedOut', 'forced', 'duress'], keepDays: 7, lastAt: null, fault: null }])
  assert.equal((await attempt()).body.fault, null)
  assert.deepEqual([camera.heard[0]?.path, camera.heard[0]?.headers['authorization']], ['/shot.jpg?size=2', `Basic ${Buffer.from('door:very secret').toString('base64')}`])
  await world.call(adam, 'PATCH', at(), { causes: ['forced'], keepDays: 3 })
  assert.equal((await seen()).camera?.keepDays, 3, 'without an address the one of before stays')
  await attempt()
  assert.equal(camera.heard[1]?.path, '/shot.jpg?size=2')
  const told = JSON.stringify([await world.record(), await world.house.rows('SELECT * FROM cameras'), said])
  for (const secret of ['very secret', 'shot.jpg', Buffer.from('door:very secret').toString('base64')]) assert.equal(told.includes(secret), false, secret)
  assert.deepEqual((await world.record('camera.set')).map((row) => [row.actor?.name, row.accessPoint?.name, row.details['keepDays']]), [['Adam', 'Front door', 7], ['Adam', 'Front door', 3]])
})

test('a wrong code is on a picture that belongs to its row; it rests sealed, and who looks is on the record', async () => {
  await set()
  await type('00000000')
  const answer = await pictures(1)
  const [row] = await world.record('access.denied')
  assert.deepEqual([answer.pictures[0]?.cause, answer.pictures[0]?.seq, answer.camera?.lastAt], ['refused', row?.seq, world.house.clock()])
  assert.equal((Number(answer.pictures[0]?.endsAt) - Number(answer.pictures[0]?.takenAt)) / DAY, 7)
  const id = answer.pictures[0]?.id ?? ''
  const shown = await look(id)
  assert.deepEqual([shown.statusCode, shown.headers['content-type'], shown.headers['cache-control'], shown.rawPayload.equals(jpeg)], [200, 'image/jpeg', 'no-store', true])
  assert.equal((await look(id, world.people.maya)).statusCode, 403)
  assert.equal((await look(world.house.newId())).statusCode, 404)
  assert.deepEqual((await world.record('camera.pictureSeen')).map((one) => [one.actor?.name, one.accessPoint?.name, one.details['pictureId']]), [['Otto', 'Front door', id]])
  const [kept] = await world.house.rows('SELECT sealed FROM camera_pictures')
  assert.equal(String(kept?.['sealed']).includes(jpeg.toString('base64').slice(20, 60)), false)
})

test('somebody who tries on is asked for once in five seconds; of a cause that nobody chose there is no picture', async () => {
  await set()
  for (let i = 0; i < 2; i++) await type('00000000')
  await pictures(1)
  world.house.wait(PACE_MS)
  await type('00000000')
  await pictures(2)
  assert.equal(camera.heard.length, 2)
  await set({ causes: ['forced'] })
  world.house.wait(PACE_MS)
  await type('00000000')
  await looking.stop()
  assert.equal(camera.heard.length, 2)
})

test('a lockout is on a picture, and so is what happens at a keypad of many doors, by each camera there', async () => {
  await set({ causes: ['lockedOut'] }, world.points.a01)
  for (let i = 0; i < 10; i++) await type('00000000', 'bank')
  assert.equal((await world.record('keypad.lockedOut')).length > 0, true)
  const answer = await until(async () => {
    const found = await seen(world.people.otto, world.points.a01)
    return found.pictures.length === 1 && found
  })
  assert.deepEqual(answer.pictures.map(({ cause }) => cause), ['lockedOut'])
})

test('a door that is forced is on a picture', async () => {
  await set({ causes: ['forced'] })
  const door = await world.door(world.controllers.front)
  await world.call(world.people.adam, 'PATCH', `controllers/${world.controllers.front}/policies`, { forcedDoors: true, heldDoorMs: 60_000, lowMillivolts: 0, criticalMillivolts: 0, failSafeLocks: [], menu: false })
  await world.wait(500, door)
  door.openDoor()
  await world.wait(1_000, door)
  const answer = await pictures(1)
  assert.deepEqual([answer.pictures[0]?.cause, answer.pictures[0]?.seq], ['forced', (await world.record('door.forced'))[0]?.seq])
})

test('a door that was forced while it had no network is on no picture: who stands there now was not there', async () => {
  await set({ causes: ['forced'] })
  const door = await world.door(world.controllers.front)
  await world.call(world.people.adam, 'PATCH', `controllers/${world.controllers.front}/policies`, { forcedDoors: true, heldDoorMs: 0, lowMillivolts: 0, criticalMillivolts: 0, failSafeLocks: [], menu: false })
  await world.wait(500, door)
  door.unplug()
  door.openDoor()
  await world.wait(7_200_000, door)
  door.plug()
  await world.wait(30_000, door)
  assert.equal((await world.record('door.forced')).length, 1)
  await looking.stop()
  assert.equal(camera.heard.length, 0)
})

test('of many cameras at a keypad those are asked that are there for it', async () => {
  const points = (await world.call(world.people.adam, 'GET', 'places')).body.banks[0]?.accessPoints ?? []
  const added = (await world.call(world.people.adam, 'POST', `banks/${points[0]?.bankId}/compartments`, { range: 'X1-X5' })).body.accessPoints.map((one) => one.id).toSorted()
  await world.house.db.write(async (trx) => { await trx.sql.updateTable('access_points').set({ controller_id: world.controllers.bank }).where('id', 'in', added).execute() })
  for (const [i, id] of added.entries()) await set({ causes: [i === added.length - 1 ? 'refused' : 'forced'] }, id)
  await type('00000000', 'bank')
  await camera.until(1)
})

test('a picture that was on its way is kept for as long as is set by then, and not by another camera', async () => {
  const { adam } = world.people
  let answer = (): void => {}
  camera.manner = (response) => { answer = () => { response.end(jpeg) } }
  const asking = async (meanwhile: () => Promise<unknown>): Promise<void> => {
    const count = camera.heard.length
    const tried = attempt()
    await camera.until(count + 1)
    await meanwhile()
    answer()
    await tried
  }
  await set({ keepDays: 30 })
  await asking(() => world.call(adam, 'PATCH', at(), { causes: ['forced'], keepDays: 1 }))
  const [kept] = (await seen()).pictures
  assert.equal(Number(kept?.endsAt) - Number(kept?.takenAt), DAY)
  await asking(async () => {
    await world.call(adam, 'DELETE', at())
    await set({ keepDays: 30 })
  })
  assert.deepEqual((await seen()).pictures, [])
})

test('a call for help is on a picture that only administrators learn of, whatever was taken just before', async () => {
  const { adam, otto } = world.people
  await set()
  const { body: { duressDigits } } = await world.call(otto, 'POST', `access-points/${world.points.front}/pins`, { label: 'Night shift', duress: true })
  await type('00000000')
  const before = await pictures(1)
  const told = world.told.length
  await type(duressDigits ?? '')
  await world.house.db.write((trx) => callForHelp(trx, world.house))
  const answer = await pictures(2, adam)
  assert.deepEqual(answer.pictures.map(({ cause, seq }) => [cause, seq === null]).toSorted(), [['duress', true], ['refused', false]])
  const after = await seen(otto)
  assert.deepEqual(after, before, 'to an operator nothing has happened')
  assert.equal(world.told.slice(told).some(({ event }) => event.kind === 'picture'), false)
  const id = answer.pictures.find(({ cause }) => cause === 'duress')?.id ?? ''
  assert.deepEqual([(await look(id, otto)).statusCode, (await look(id, adam)).statusCode], [404, 200])
  assert.deepEqual(await world.record('camera.pictureSeen'), [], 'nor that an administrator looked')
  await world.house.db.write(async (trx) => {
    for (let i = 0; i < MOST_KEPT; i++) await trx.sql.insertInto('camera_pictures').values({ id: world.house.newId(), access_point_id: world.points.front, seq: null, cause: 'test', taken_at: i, ends_at: 8e15, sealed: 'x' }).execute()
  })
  world.house.wait(PACE_MS)
  await type('00000000')
  await until(async () => (await seen(otto)).pictures.filter(({ cause }) => cause === 'refused').length === 2)
  assert.equal((await look(id, adam)).statusCode, 200, 'what others do there pushes it out as little')
  assert.equal((await world.call(otto, 'DELETE', `access-points/${world.points.front}`)).status, 204)
  assert.deepEqual((await world.house.rows('SELECT cause FROM camera_pictures')).map((row) => row['cause']), ['duress'], 'and an operator who removes the door does not')
})

test('what is no picture is told in a word with a cure, is nothing that anybody can read by it, and the next picture ends it', async () => {
  await set()
  const manners: [string, Receiver['manner']][] = [
    ['noPicture', (response) => { response.setHeader('content-type', 'image/jpeg').end('{"secret":"of a service within"}') }],
    ['noPicture', (response) => { response.setHeader('content-type', 'image/svg+xml').end('<svg xmlns="http://www.w3.org/2000/svg"/>') }],
    ['http401', (response) => { response.writeHead(401).end(jpeg) }],
    ['http302', (response) => { response.writeHead(302, { location: `${camera.url}/else.jpg` }).end() }],
    ['film', (response) => { response.setHeader('content-type', 'multipart/x-mixed-replace; boundary=x').write(jpeg) }],
    ['tooLarge', (response) => { response.end(Buffer.concat([jpeg, Buffer.alloc(MOST_BYTES)])) }],
    ['timeout', () => {}],
    ['timeout', (response) => { response.write(jpeg) }],
    ['ECONNRESET', (response) => { response.destroy() }]
  ]
  for (const [fault, manner] of manners) {
    camera.manner = manner
    assert.deepEqual((await attempt()).body, { picture: null, fault })
    const answer = await seen()
    assert.deepEqual([answer.camera?.fault, answer.pictures.length], [fault, 0])
  }
  assert.equal(camera.heard.length, manners.length, 'no redirect was followed')
  camera.manner = (response) => { response.end(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2])) }
  const { picture } = (await attempt()).body
  assert.equal((await seen()).camera?.fault, null)
  assert.equal((await look(picture?.id ?? '')).headers['content-type'], 'image/png')
})

test('no keypad waits for a camera that hangs, and neither does a server that stops', async () => {
  await set()
  camera.manner = () => {}
  const began = performance.now()
  const answer = await type('00000000')
  assert.equal(answer.granted, false)
  assert.ok(performance.now() - began < 400)
  await camera.until(1)
  await looking.stop()
  assert.ok(performance.now() - began < 550, 'before its time is over')
  assert.deepEqual([(await seen()).camera?.fault, (await seen()).pictures.length], [null, 0])
})

test('pictures end: by their day, by a shorter one, by number, with their camera, and with their access point', async () => {
  const { adam, otto } = world.people
  await set({ keepDays: 3 })
  const { picture } = (await attempt()).body
  world.house.wait(3 * DAY - 1_000)
  await forgetPictures(world.house)
  assert.equal((await world.house.rows('SELECT id FROM camera_pictures')).length, 1)
  world.house.wait(1_000)
  await world.signIn(otto)
  assert.deepEqual([(await seen()).pictures.length, (await look(picture?.id ?? '', otto)).statusCode], [0, 404], 'on the second, whoever comes by to delete it')
  await forgetPictures(world.house)
  assert.equal((await world.house.rows('SELECT id FROM camera_pictures')).length, 0)
  await world.signIn(adam)
  await attempt()
  await set({ keepDays: 1 })
  assert.equal(Number((await seen()).pictures[0]?.endsAt) - world.house.clock(), DAY)
  await world.house.db.write(async (trx) => {
    for (let i = 0; i < MOST_KEPT + 5; i++) await trx.sql.insertInto('camera_pictures').values({ id: world.house.newId(), access_point_id: world.points.front, seq: null, cause: 'test', taken_at: i, ends_at: 8e15, sealed: 'x' }).execute()
  })
  await attempt()
  assert.equal((await world.house.rows('SELECT id FROM camera_pictures')).length, MOST_KEPT)
  assert.equal((await world.call(adam, 'DELETE', at())).status, 204)
  assert.deepEqual([await world.house.rows('SELECT id FROM camera_pictures'), (await world.record('camera.removed'))[0]?.details['pictures']], [[], MOST_KEPT])
  assert.equal((await world.call(adam, 'DELETE', at())).status, 204, 'harmless')
  assert.equal((await attempt()).refusal, 'notFound')
  await set()
  await attempt()
  await world.call(adam, 'DELETE', `access-points/${world.points.front}`)
  assert.deepEqual([...await world.house.rows('SELECT id FROM camera_pictures'), ...await world.house.rows('SELECT host FROM cameras')], [])
  assert.equal((await world.call(adam, 'GET', at())).refusal, 'notFound')
})
