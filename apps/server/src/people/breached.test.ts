import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readConfig } from '../config.ts'
import { openAccounts } from '../testing/accounts.ts'
import { isBreached } from './breached.ts'

let folder: string
let path: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  path = join(folder, 'pwned.txt')
})
after(() => { rmSync(folder, { recursive: true, force: true }) })

const hash = (password: string): string => createHash('sha1').update(password).digest('hex').toUpperCase()

test('each line of the file is found, the first and the last too, and nothing else', async () => {
  for (const count of [1, 2, 3, 40, 1000]) {
    const listed = Array.from({ length: count }, (_, i) => `stolen password ${i}`)
    for (const [newline, last] of [['\r\n', '\r\n'], ['\n', '']] as const) {
      writeFileSync(path, listed.map((one, i) => `${hash(one)}:${7 ** (i % 9)}`).toSorted().join(newline) + last)
      for (const one of listed) assert.equal(await isBreached(path, one), true, `${one} of ${count}`)
      for (let i = 0; i < 100; i++) assert.equal(await isBreached(path, `quiet river stones ${i}`), false)
    }
  }
  writeFileSync(path, `${hash('é'.normalize('NFC'))}\n`)
  assert.equal(await isBreached(path, 'é'.normalize('NFD')), true, 'typed on another keyboard')
  writeFileSync(path, '')
  assert.equal(await isBreached(path, 'anything'), false)
})

test('a file that is no such list stops the start', () => {
  for (const text of ['', 'password\n', hash('x').slice(1) + '\n', hash('x') + 'f']) {
    writeFileSync(path, text)
    assert.throws(() => readConfig({ ONCEKEY_BREACHED_PASSWORDS: path }, '/nowhere'), /ONCEKEY_BREACHED_PASSWORDS=.*one a line and sorted/, text)
  }
  assert.throws(() => readConfig({ ONCEKEY_BREACHED_PASSWORDS: join(folder, 'none') }, '/nowhere'), /one a line and sorted/)
  writeFileSync(path, `${hash('x')}:3\r\n`)
  assert.equal(readConfig({ ONCEKEY_BREACHED_PASSWORDS: path }, '/nowhere').breachedPasswords, path)
  assert.equal(readConfig({}, '/nowhere').breachedPasswords, null)
})

test('a breached password is refused wherever one is chosen, and told apart from none that works', async () => {
  const stolen = 'seven brown herons'
  writeFileSync(path, `${hash(stolen)}:12\n`)
  const a = await openAccounts({ ONCEKEY_BREACHED_PASSWORDS: path })
  try {
    const { adam, maya } = a.world.people
    await a.world.call(adam, 'PATCH', 'registration-policy', { who: 'everybody', domains: [] })
    const { body: { challenge } } = await a.start('recoveries', { login: 'maya@gym.example' })
    const code = await a.digits(challenge)
    const refused = /"field":"password","needs":"was stolen elsewhere/
    assert.match((await a.start('registrations', { username: 'nia', email: 'nia@else.example', password: stolen })).text, refused)
    assert.match((await a.confirm('recoveries/confirm', { challenge, code, password: stolen })).text, refused)
    assert.match(JSON.stringify((await a.world.call(adam, 'POST', 'people', { name: 'Nia', email: 'nia@else.example', role: 'member', password: stolen })).problem), refused)
    assert.match(JSON.stringify((await a.world.call(maya, 'POST', 'me/password', { current: 'quiet river stones', password: stolen })).problem), refused)
    assert.equal((await a.confirm('recoveries/confirm', { challenge, code, password: 'eight brown herons' })).body.granted, true, 'the code was not used up')
  } finally {
    await a.world.close()
  }
})
