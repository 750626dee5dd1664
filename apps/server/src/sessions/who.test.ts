import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, type World } from '../testing/world.ts'
import { endSessions } from './sessions.ts'
import { newToken, tokenHash } from './tokens.ts'
import { forgetSessions } from './work.ts'

let w: World
beforeEach(async () => { w = await openWorld() })
afterEach(async () => { await w.close() })

const status = async (): Promise<number> => (await w.call(w.people.maya, 'GET', 'me')).status

test('whoever was let in a moment ago is out with the write that puts them out', async () => {
  const put = (sql: string): Promise<unknown> => w.house.db.write(async (trx) => { await trx.prepare(sql).run(w.people.maya.id) })
  for (const [out, back] of [['suspended_at = 1', 'suspended_at = NULL'], ['removed_at = 1', 'removed_at = NULL']]) {
    assert.equal(await status(), 200)
    await put(`UPDATE people SET ${out} WHERE id = ?`)
    assert.equal(await status(), 401, out)
    await put(`UPDATE people SET ${back} WHERE id = ?`)
  }
  assert.equal(await status(), 200)
  await w.house.db.write((trx) => endSessions(trx, w.house, w.people.maya.id))
  assert.equal(await status(), 401)
})

test('a new role counts with the next request', async () => {
  assert.equal((await w.call(w.people.otto, 'GET', 'people')).status, 200)
  await w.house.db.write(async (trx) => { await trx.prepare("UPDATE people SET role = 'member' WHERE id = ?").run(w.people.otto.id) })
  assert.equal((await w.call(w.people.otto, 'GET', 'people')).status, 403)
})

test('what another program wrote is seen within a second', async () => {
  assert.equal(await status(), 200)
  const suspend = 'UPDATE people SET suspended_at = 1 WHERE id = ?'
  // Past our own writes. On PostgreSQL another server's are seen at once: nobody is remembered there.
  if (w.house.db.kind === 'sqlite') {
    const other = new DatabaseSync(join(w.house.config.dataDir, 'oncekey.db'))
    other.prepare(suspend).run(w.people.maya.id)
    other.close()
    w.house.wait(1000)
  } else {
    assert.equal(w.house.db.writes, null)
    await w.house.db.write(async (trx) => { await trx.prepare(suspend).run(w.people.maya.id) })
  }
  assert.equal(await status(), 401)
})

test('a session ends when it ends, however lately it was used', async () => {
  await status()
  for (let i = 0; i <= 12; i++) {
    w.house.wait(i < 12 ? 3_400_000 : 43_200_000 - 12 * 3_400_000 - 1)
    assert.equal(await status(), 200, `hour ${i}`)
  }
  w.house.wait(1)
  assert.equal(await status(), 401)
})

test('sessions that have ended and browsers that nobody uses go by themselves, the others stay', async () => {
  const counts = async () => [(await w.house.rows('SELECT token_hash FROM sessions')).length, (await w.house.rows('SELECT token_hash FROM browsers')).length]
  await w.house.db.write(async (trx) => {
    const now = w.house.clock()
    for (let i = 0; i < 1201; i++) {
      const { hash } = newToken(now)
      await trx.prepare('INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, address, agent, idle_ms, ends_at, proven_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(hash, w.people.maya.id, now, now, '', '', 1, now, now)
      await trx.prepare('INSERT INTO browsers (token_hash, id, person_id, agent, address, created_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?)').run(hash, w.house.newId(), w.people.maya.id, '', '', now, i === 0 ? now : now - 180 * 86_400_000)
    }
  })
  const [sessions = 0] = await counts()
  await forgetSessions(w.house)
  assert.deepEqual(await counts(), [sessions - 1201, 1])
})

test('a dated token sorts by its time, and is as secret as one without', () => {
  const [early, late, plain] = [newToken(1_000), newToken(1_767_600_000_000), newToken()]
  assert.ok(early.hash < late.hash)
  assert.match(late.token, /^0t8dsw0[\w-]{43}$/)
  assert.match(late.hash, /^0t8dsw0[0-9a-f]{64}$/)
  assert.match(plain.token, /^[\w-]{43}$/)
  assert.match(plain.hash, /^[0-9a-f]{64}$/)
  for (const { token, hash } of [early, late, plain]) assert.equal(tokenHash(token), hash)
  assert.equal(new Set(Array.from({ length: 1000 }, () => newToken(1).token)).size, 1000)
})
