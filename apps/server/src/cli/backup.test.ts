import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { emptyPlace } from '../testing/database.ts'
import { testHouse } from '../testing/house.ts'

type Said = { status: unknown, says: string }

function oncekey (env: Record<string, string>, words: string[], input?: Buffer): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(import.meta.dirname, '../../bin/oncekey.mjs'), ...words], { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, says: stdout + stderr })
    })
    // One that ends before it has read all of it is what some of these are about.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

test('the commands: a file, what is wrong with it or with the words in a sentence and in the exit code, and back from standard input', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-cli-'))
  const target = mkdtempSync(join(tmpdir(), 'oncekey-cli-'))
  const house = await testHouse()
  const to = await emptyPlace(target)
  const path = join(folder, 'a.backup')
  const [secret, short] = [join(folder, 'words'), join(folder, 'short')]
  const here = { ONCEKEY_DATA_DIR: house.config.dataDir, ...(house.config.databaseUrl === null ? {} : { ONCEKEY_DATABASE_URL: house.config.databaseUrl }) }
  const there = { ONCEKEY_DATA_DIR: target, ...to.env }
  const says = async (status: number, pattern: RegExp, said: Promise<Said>): Promise<void> => {
    const one = await said
    assert.deepEqual([one.status, pattern.test(one.says)], [status, true], `${pattern}: ${one.says}`)
    assert.doesNotMatch(one.says, /\n {4}at /, 'no stack')
  }
  try {
    writeFileSync(secret, 'seven quiet lanterns\n')
    writeFileSync(short, 'seven\n')
    await says(2, /Name one file/, oncekey(here, ['backup']))
    await says(2, /holds no passphrase: one line of 8 signs/, oncekey(here, ['backup', path, '--passphrase-file', short]))
    await says(1, /can not be written .*Name a file in a folder that is there/, oncekey(here, ['backup', join(folder, 'none', 'a.backup')]))
    await says(0, /The backup is in .*\n.*keep that elsewhere/, oncekey(here, ['backup', path, '--passphrase-file', secret]))
    assert.ok(existsSync(join(house.config.dataDir, 'last-backup')))
    await says(1, /exists already/, oncekey(here, ['backup', path]))
    await says(1, /can not be read \(ENOENT\)/, oncekey({}, ['backup', '--check', join(folder, 'none')]))
    await says(1, /encrypted. Give its passphrase/, oncekey({}, ['backup', '--check', path]))
    await says(1, /can not be read \(ENOENT\)/, oncekey(there, ['restore', join(folder, 'none')]))
    const cut = join(folder, 'cut.backup')
    writeFileSync(cut, readFileSync(path))
    truncateSync(cut, readFileSync(path).length - 1)
    await says(1, /not whole/, oncekey(there, ['restore', cut, '--passphrase-file', secret]))
    assert.ok(!existsSync(join(target, 'restoring')))
    await says(0, /The backup of .* is in .*\nStart the server now/, oncekey(there, ['restore', '-', '--passphrase-file', secret], readFileSync(path)))
    await says(1, /is not empty/, oncekey(there, ['restore', path, '--passphrase-file', secret]))
    mkdirSync(join(target, 'backups'))
    await says(0, /kept beside, in before-restore-/, oncekey(there, ['restore', path, '--passphrase-file', secret, '--replace']))
    assert.ok(existsSync(join(target, 'backups')), 'its own backups stay')
  } finally {
    await house.close()
    await to.drop()
    rmSync(folder, { recursive: true, force: true })
    rmSync(target, { recursive: true, force: true })
  }
})
