import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { isPostgres } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'

/** What `oncekey audit verify` prints, as people call it. */
function command ({ house }: World): Promise<{ code: number, printed: string }> {
  const { dataDir, databaseUrl } = house.config
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, '../../bin/oncekey.mjs'), 'audit', 'verify'], { env: { ONCEKEY_DATA_DIR: dataDir, ONCEKEY_DATABASE_URL: databaseUrl ?? '' } },
      (error, out, err) => { resolve({ code: typeof error?.code === 'number' ? error.code : 0, printed: out + err }) })
  })
}

test('the record is verified where its database is, page and command alike, while the server goes on writing', async () => {
  const world = await openWorld()
  try {
    for (let i = 0; i < 3; i++) {
      await world.code()
      world.house.wait(300_000)
    }
    const writing = world.house.db.write(async (trx) => { for (let i = 0; i < 1_500; i++) world.house.audit.append(trx, world.house.clock(), { event: 'door.changed' }) })
    const first = (await world.call(world.people.otto, 'GET', 'audit/chain')).body
    await writing
    assert.deepEqual([first.intact, first.fault], [true, null])
    const rows = (await world.record()).length
    const second = (await world.call(world.people.otto, 'GET', 'audit/chain')).body
    assert.deepEqual([second.intact, second.rows], [true, rows])
    assert.deepEqual((await command(world)).code, 0)
    if (!isPostgres) return
    await world.house.rows('DELETE FROM audit WHERE seq = 1234')
    assert.equal((await world.call(world.people.otto, 'GET', 'audit/chain')).body.fault?.what, 'Row 1234 was removed.')
    assert.deepEqual(await command(world), { code: 1, printed: 'The record was tampered with. Row 1234 was removed.\nRows that hold: 1233.\n' })
    await world.house.rows('ALTER TABLE audit RENAME TO elsewhere')
    const gone = await command(world)
    assert.equal(gone.code, 2)
    assert.match(gone.printed, /The record in .* can not be checked .*audit/)
  } finally {
    await world.close()
  }
})
