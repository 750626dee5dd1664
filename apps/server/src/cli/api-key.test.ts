import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openVerifier } from '../testing/verifier.ts'

function oncekey (folder: string, ...words: string[]): { status: number | null, stdout: string, stderr: string } {
  const program = join(import.meta.dirname, '../../bin/oncekey.mjs')
  return spawnSync(process.execPath, [program, 'apikey', ...words], { env: { PATH: process.env['PATH'] ?? '', ONCEKEY_DATA_DIR: folder }, encoding: 'utf8', timeout: 60_000 })
}

test('a key made on the command line, beside a running server, works there at once', async () => {
  const { world } = await openVerifier()
  try {
    const made = oncekey(world.house.config.dataDir, 'create', '--name', 'Web shop')
    assert.equal(made.status, 0, made.stderr)
    assert.match(made.stdout, /^ok_[\w-]{43}\n$/)
    const { status, body } = await world.call(null, 'POST', 'verifications', { to: 'ana@example.org' }, { authorization: `Bearer ${made.stdout.trim()}` })
    assert.deepEqual([status, body.status], [201, 'pending'])
    const { apiKeys } = (await world.call(world.people.adam, 'GET', 'api-keys')).body
    assert.deepEqual([apiKeys[0].name, apiKeys[0].madeBy], ['Web shop', 'oncekey apikey'])
    assert.equal((await world.call(world.people.adam, 'GET', 'audit/chain')).body.intact, true)
  } finally {
    await world.close()
  }
})

test('what is missing is said, and nothing is made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  try {
    for (const words of [[], ['list'], ['create'], ['create', '--name', '  '], ['create', '--name', 'x'.repeat(81)], ['create', '--nam', 'x']]) {
      const { status, stdout, stderr } = oncekey(folder, ...words)
      assert.deepEqual([status, stdout], [2, ''], words.join(' '))
      assert.ok(stderr.length > 10)
    }
    const early = oncekey(folder, 'create', '--name', 'Shop')
    assert.deepEqual([early.status, early.stdout], [1, ''])
    assert.match(early.stderr, /Nothing is set up yet/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
