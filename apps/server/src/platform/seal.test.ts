import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSeal } from './seal.ts'
import { openSecrets } from './secrets.ts'

const key = (id: string, byte: number): { id: string, key: Buffer } => ({ id, key: Buffer.alloc(32, byte) })

test('what was sealed opens again for what it was sealed for, also after the key has rotated', () => {
  const sealed = createSeal([key('s1', 1)]).close('Your code is 123456', 'outbox:7')
  const rotated = createSeal([key('s2', 2), key('s1', 1)])
  assert.equal(rotated.open(sealed, 'outbox:7'), 'Your code is 123456')
  assert.doesNotMatch(sealed, /123456/)
  assert.throws(() => rotated.open(sealed, 'outbox:8'), 'moved to another row')
  assert.throws(() => createSeal([key('s2', 2)]).open(sealed, 'outbox:7'), /No key/)
})

test('the same text is sealed differently each time, and any altered character breaks the seal', () => {
  const seal = createSeal([key('s1', 1)])
  const sealed = seal.close('123456', 'inbox:1')
  assert.notEqual(sealed, seal.close('123456', 'inbox:1'))
  for (let i = 0; i < sealed.length - 1; i++) {
    const altered = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
    assert.throws(() => seal.open(altered, 'inbox:1'), `character ${i}`)
  }
})

test('a tag that was cut short opens nothing, not even an empty text', () => {
  const seal = createSeal([key('s1', 1)])
  const [id, packed = ''] = seal.close('', 'inbox:1').split('.')
  const whole = Buffer.from(packed, 'base64url')
  assert.equal(seal.open(`${id}.${whole.toString('base64url')}`, 'inbox:1'), '')
  for (let length = whole.length - 1; length >= 0; length--) assert.throws(() => seal.open(`${id}.${whole.subarray(0, length).toString('base64url')}`, 'inbox:1'), `${length} bytes`)
})

test('the first start makes the secrets, for this user only, and later starts read the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  const first = openSecrets(folder)
  assert.deepEqual(openSecrets(folder), first)
  assert.equal(statSync(join(folder, 'secrets.json')).mode & 0o777, 0o600)
  assert.equal(first.auditKey.length, 32)
  assert.doesNotMatch(readFileSync(join(folder, 'secrets.json'), 'utf8'), /undefined/)
  const whole = readFileSync(join(folder, 'secrets.json'), 'utf8')
  for (let at = 0; at < whole.length; at++) {
    writeFileSync(join(folder, 'secrets.json'), whole.slice(0, at))
    assert.throws(() => openSecrets(folder), /newer version or damaged/, `cut at ${at}`)
    writeFileSync(join(folder, 'secrets.json'), whole.slice(0, at) + String.fromCharCode(whole.charCodeAt(at) ^ 1) + whole.slice(at + 1))
    // A flip in the name of the check makes a file of before there was one; its keys are whole.
    if (at < whole.indexOf('"check"')) assert.throws(() => openSecrets(folder), /newer version or damaged/, `flipped at ${at}`)
  }
  const { check: _check, ...before } = JSON.parse(whole)
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify(before))
  assert.equal(openSecrets(folder).codeKeys.length, 1, 'a file of before there was a check')
  writeFileSync(join(folder, 'secrets.json'), '{"version":2}')
  assert.throws(() => openSecrets(folder), /newer version or damaged/)
  rmSync(folder, { recursive: true })
})
