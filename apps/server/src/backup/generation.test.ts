import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expireDoorCodes } from '../doors/decide.ts'
import { openWorld } from '../testing/world.ts'
import { expireVerifications } from '../verifications/end.ts'
import { RESTORED } from './contents.ts'
import { beginGeneration } from './generation.ts'

const DAY = 86_400_000

test('a new generation ends everything that works once, once, and says so; two servers that start at the same moment do it once', async () => {
  const world = await openWorld()
  const { house, people, controllers, points, siteId } = world
  const now = house.clock()
  try {
    const step = Math.floor(now / 30_000)
    const code = await world.code()
    const opening = await world.house.rows('SELECT settings_version FROM controllers WHERE id = ?', controllers.bank)
    await house.db.write(async (trx) => {
      const run = (sql: string, ...values: (string | number | null)[]): Promise<unknown> => Promise.resolve(trx.prepare(sql).run(...values))
      for (const [who, last] of [[people.adam, null], [people.maya, step - 900], [people.otto, step + 5]] as const) await run('INSERT INTO authenticators (person_id, secret_sealed, last_step, created_at) VALUES (?, ?, ?, ?)', who.id, 'x', last, now)
      await run("INSERT INTO outbox (id, dedupe_key, channel, recipient, subject, text, state, attempts, next_at, created_at) VALUES ('o1', 'o1', 'email', 'maya@gym.example', 'Hello', 'text', 'waiting', 0, ?, ?)", now, now)
      await run("INSERT INTO outbox (id, dedupe_key, channel, recipient, subject, text, state, attempts, next_at, created_at, ended_at) VALUES ('o2', 'o2', 'email', 'maya@gym.example', 'Hello', 'text', 'sent', 1, ?, ?, ?)", now, now, now)
      await run("INSERT INTO verifications (id, site_id, channel, recipient, recipient_key, purpose, status, created_at, expires_at, generation, failures, superseded) VALUES ('v1', ?, 'email', 'x@example.org', 'k', 'sign-in', 'pending', ?, ?, 1, 0, '')", siteId, now, now + 600_000)
      await run("INSERT INTO door_codes (id, site_id, controller_id, access_point_id, mode, state, created_at, expires_at) VALUES ('d1', ?, ?, ?, 'unlock', 'waiting', ?, ?)", siteId, controllers.front, points.front, now, now + 600_000)
      await run("INSERT INTO commands (id, controller_id, access_point_id, op, lock, reason, asked_by, created_at, expires_at, status) VALUES ('c1', ?, ?, 'unlock', 1, 'x', ?, ?, ?, 'pending')", controllers.front, points.front, people.otto.id, now, now + 10_000)
      await run("INSERT INTO images (id, site_id, version, minimum, hardware, size, sha256, public_key, signature, uploaded_by, created_at) VALUES ('i1', ?, '2.0.0', '1.0.0', 'x', 1, 'x', 'x', 'x', 'Adam', ?)", siteId, now)
      await run("INSERT INTO rollouts (id, site_id, image_id, state, stages, stage, pause_ms, most_failures, started_by, created_at) VALUES ('r1', ?, 'i1', 'running', '100', 0, 0, 0, 'Adam', ?)", siteId, now)
      await run("UPDATE controllers SET offline_clock = 'trusted', pin_lease_ms = ?, pins_until = ? WHERE id = ?", 7 * DAY, now + DAY, controllers.bank)
      await run('INSERT INTO settings (key, value) VALUES (?, ?)', RESTORED, JSON.stringify({ madeAt: now - DAY, madeBy: 'schedule', by: 'oncekey restore', at: now, seq: 7 }))
    })
    assert.deepEqual((await Promise.all([beginGeneration(house), beginGeneration(house)])).toSorted(), [false, true])

    const column = async (sql: string): Promise<unknown[]> => (await house.rows(sql)).map((row) => Object.values(row)[0])
    const [restored, ...more] = await world.record('backup.restored')
    assert.deepEqual([restored?.details, more], [{ madeAt: now - DAY, madeBy: 'schedule', row: 7, generation: 2, codes: 3, controllers: 2 }, []])
    assert.deepEqual(await column(`SELECT state FROM codes WHERE id = '${code.id}'`), ['revoked'])
    assert.deepEqual(await column(`SELECT last_step FROM authenticators ORDER BY CASE person_id WHEN '${people.adam.id}' THEN 1 WHEN '${people.maya.id}' THEN 2 ELSE 3 END`), [step + 1, step + 1, step + 5])
    assert.deepEqual(await column("SELECT state FROM outbox WHERE id IN ('o1', 'o2') ORDER BY id"), ['failed', 'sent'])
    assert.deepEqual(await column('SELECT status FROM commands'), ['unanswered'])
    assert.deepEqual([await column('SELECT state FROM rollouts'), (await world.record('rollout.halted')).map((row) => row.details['by'])], [['halted'], ['restore']])
    assert.deepEqual(await house.rows('SELECT settings_version, offline_clock, pin_lease_ms FROM controllers WHERE id = ?', controllers.bank).then((rows) => rows.map((row) => ({ ...row }))), [{ settings_version: Number(opening[0]?.['settings_version']) + 100_000, offline_clock: null, pin_lease_ms: null }])
    // Their own verbs do the rest, with figures and record.
    await expireVerifications(house)
    await expireDoorCodes(house)
    assert.deepEqual([await column('SELECT status FROM verifications'), await column('SELECT state FROM door_codes')], [['expired'], ['unanswered']])
    assert.equal((await world.record('verification.expired')).length, 1)
    // The box is told that it was lent no pins.
    const door = await world.door()
    assert.ok(door.passed.some(({ direction, topic }) => direction === 'down' && topic.endsWith('/pins')))
    assert.equal(await beginGeneration(house), false)
  } finally {
    await world.close()
  }
})
