import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openVerifier } from '../testing/verifier.ts'
import { apiKey } from './api-key.ts'

function oncekey ({ dataDir, databaseUrl }: { dataDir: string, databaseUrl?: string | null }, ...words: string[]): { status: number | null, stdout: string, stderr: string } {
  const program = join(import.meta.dirname, '../../bin/oncekey.mjs')
  return spawnSync(process.execPath, [program, 'apikey', ...words], { env: { PATH: process.env['PATH'] ?? '', ONCEKEY_DATA_DIR: dataDir, ONCEKEY_DATABASE_URL: databaseUrl ?? '' }, encoding: 'utf8', timeout: 60_000 })
}

test('a key made on the command line, beside a running server, works there at once', async () => {
  const { world } = await openVerifier()
  try {
    const made = oncekey(world.house.config, 'create', '--name', 'Web shop')
    assert.equal(made.status, 0, made.stderr)
    assert.match(made.stdout, /^ok_[\w-]{43}\n$/)
    const { status, body } = await world.call(null, 'POST', 'verifications', { to: 'ana@example.org' }, { authorization: `Bearer ${made.stdout.trim()}` })
    assert.deepEqual([status, body.status], [201, 'pending'])
    const { apiKeys } = (await world.call(world.people.adam, 'GET', 'api-keys')).body
    assert.deepEqual([apiKeys[0]?.name, apiKeys[0]?.madeBy], ['Web shop', 'oncekey apikey'])
    assert.equal((await world.call(world.people.adam, 'GET', 'audit/chain')).body.intact, true)
  } finally {
    await world.close()
  }
})

test('what is missing is said, and nothing is made', async (t) => {
  const said: string[] = []
  const printed: string[] = []
  t.mock.method(console, 'error', (text: string) => { said.push(text) })
  t.mock.method(console, 'log', (text: string) => { printed.push(text) })
  for (const words of [[], ['list'], ['create'], ['create', '--name', '  '], ['create', '--name', 'x'.repeat(81)], ['create', '--nam', 'x']]) assert.equal(await apiKey(words), 2, words.join(' '))
  assert.ok(said.length === 6 && said.every((text) => text.length > 10))
  t.mock.restoreAll()
  assert.deepEqual(printed, [])
})

test('before anything is set up there is nobody to make a key for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  try {
    const early = oncekey({ dataDir: folder }, 'create', '--name', 'Shop')
    assert.deepEqual([early.status, early.stdout], [1, ''])
    assert.match(early.stderr, /Nothing is set up yet/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
