import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { KEYPAD } from '../access/reader.ts'
import { readConfig, startServer, type Server } from '../main.ts'
import { createLog } from '../platform/log.ts'
import { isPostgres, testDatabase } from '../testing/database.ts'
import { openPostOffice } from '../testing/post-office.ts'
import { openWorld, type World } from '../testing/world.ts'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox } from '../notify/loop.ts'
import { askForCode, type Asked } from './ask.ts'
import { atReader } from '../access/reader.ts'

async function front (world: World): Promise<(i: number) => Promise<Asked>> {
  for (const address of ['ana@example.org', 'ben@example.org', 'cleo@example.org']) await world.call(world.people.otto, 'POST', `access-points/${world.points.front}/recipients`, { address })
  const { house, siteId } = world
  const controller = { id: world.controllers.front, name: 'Front door' }
  return (i) => house.db.write((trx) => askForCode(trx, house, {
    siteId, controller, point: { id: world.points.front, name: 'Front door' }, mode: i % 2 === 0 ? 'unlock' : 'lock', requestId: `press-${i}`, way: 'mail', kind: { purpose: KEYPAD, digits: 7 }
  }), { beside: [atReader(controller.id)] })
}

test('two hundred presses at once are one code; the same question again gets the same answer', async () => {
  const world = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@gym.example' } })
  try {
    const press = await front(world)
    const asked = await Promise.all(Array.from({ length: 200 }, (_, i) => press(i)))
    assert.equal(asked.filter((one) => one.is === 'asked' && one.isNew).length, 1)
    assert.equal(new Set(asked.map((one) => one.is === 'asked' ? one.codeId : '')).size, 1)
    assert.equal((await world.house.rows('SELECT id FROM outbox')).length, 3)
    const first = asked.findIndex((one) => one.is === 'asked' && one.isNew)
    assert.deepEqual(await press(first), asked[first])
  } finally {
    await world.close()
  }
})

test('a stranger who presses for an hour, and for a day, sends a bounded number of mails and never harms a live code', async () => {
  const office = await openPostOffice()
  const world = await openWorld({ env: { ONCEKEY_SMTP_URL: office.url } })
  const outbox = startOutbox(world.house, smtpChannel(office.url))
  try {
    const press = await front(world)
    const live = new Map<string, number>()
    let presses = 0
    for (let second = 0; second < 3600; second += 4) {
      const asked = await press(presses++)
      const now = world.house.clock()
      if (asked.is === 'asked' && asked.isNew) {
        live.set(asked.codeId, now)
        await outbox.flush()
      }
      // Whatever is live stays the one.
      else if (asked.is === 'asked') assert.ok(now - (live.get(asked.codeId) ?? 0) < 120_000)
      world.house.wait(4000)
    }
    const inAnHour = live.size
    assert.ok(inAnHour <= 20 && inAnHour >= 15, `${inAnHour} codes`)
    assert.equal(office.mails.length, inAnHour * 3)
    assert.equal((await world.house.rows("SELECT id FROM door_codes WHERE state = 'cancelled'")).length, 0)
    for (let minute = 0; minute < 23 * 60; minute += 5) {
      await press(presses++)
      world.house.wait(300_000)
    }
    await outbox.flush()
    assert.ok(office.mails.length <= 20 * 3, `${office.mails.length} mails in a day`)
    // The record does not fill up with it either.
    assert.ok((await world.record()).length < 200, String((await world.record()).length))
  } finally {
    await outbox.stop()
    await world.close()
    await office.close()
  }
})

test('two servers on one database: two hundred presses at once are one code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  const database = await testDatabase(folder)
  const logged: string[] = []
  const log = createLog((line) => { logged.push(line) })
  const office = await openPostOffice()
  const config = readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ONCEKEY_SMTP_URL: office.url, ...database.env })
  const servers: Server[] = []
  try {
    for (let i = 0; i < 2; i++) servers.push(await startServer(config, { log }))
    const base = (at: number): string => servers[at % 2]?.url ?? ''
    // The newest link is the one.
    const token = new URL(servers[1]?.setupLink ?? '').searchParams.get('token')
    let cookie = ''
    const call = async (method: string, path: string, body?: object): Promise<any> => { // eslint-disable-line typescript/no-explicit-any -- the test looks at bodies as whatever JSON came
      const answer = await fetch(`${base(0)}/api/v1/${path}`, { method, headers: { cookie, ...body && { 'content-type': 'application/json' } }, ...body && { body: JSON.stringify(body) } })
      cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie
      return answer.json()
    }
    await call('POST', 'setup', { token, siteName: 'Gym', name: 'Olga', email: 'olga@gym.example', password: 'quiet river stones', timeZone: 'Europe/Berlin', demonstration: false })
    const { id } = await call('POST', 'doors', { name: 'Gate' })
    await call('POST', `access-points/${id}/recipients`, { address: 'ana@example.org' })
    await call('PATCH', 'compat', { on: true })
    const made = await call('POST', 'compat/tokens', { contract: 'door', accessPointId: id })
    const path = made.path
    assert.ok(path, JSON.stringify(made))
    const answers = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
      const answer = await fetch(base(i) + path + '/send-otp', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ mode: 'unlock' }) })
      return `${answer.status} ${(await answer.json() as { message: string }).message}`
    }))
    assert.equal(answers.filter((one) => one === '200 Code sent to 1').length, 1, JSON.stringify([...new Set(answers)]))
    assert.deepEqual([...new Set(answers)].sort(), ['200 Code already sent', '200 Code sent to 1'])
    assert.deepEqual(office.mails.map(({ to }) => to), ['ana@example.org'])
    assert.deepEqual(logged.filter((line) => line.includes('"level":"error"')), [], isPostgres ? 'PostgreSQL' : 'SQLite')
  } finally {
    await Promise.all(servers.map((server) => server.close()))
    await office.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  }
})
