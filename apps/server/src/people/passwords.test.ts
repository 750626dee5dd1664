import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPassword, hashPassword, isPassword } from './passwords.ts'

const ana = { name: 'Ana Castelo', email: 'ana.castelo@example.org' }

function needs (password: string): string {
  try {
    checkPassword(password, ana)
    return ''
  } catch (error) {
    return JSON.stringify((error as { more: object }).more)
  }
}

test('a password is kept as argon2id with 19 MiB and two passes, and never twice the same', async () => {
  const [one, two] = await Promise.all([hashPassword('quiet river stones'), hashPassword('quiet river stones')])
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(one, two)
  assert.equal(await isPassword('quiet river stones', one), true)
  assert.equal(await isPassword('quiet river stone', one), false)
  assert.equal(await isPassword('quiet river stones ', one), false)
})

test('all 128 characters count, in any script; the same letters typed on another keyboard are the same', async () => {
  const long = 'é'.repeat(127) + 'x'
  const kept = await hashPassword(long)
  assert.equal(await isPassword('é'.repeat(127) + 'y', kept), false, 'nothing is cut off')
  assert.equal(await isPassword('e\u0301'.repeat(127) + 'x', kept), true)
})

test('a hash with other costs is still checked by its own', async () => {
  // Made by argon2id with m=8192, t=1, p=1 over "quiet river stones".
  const { argon2Sync } = await import('node:crypto')
  const nonce = Buffer.from('sixteen byte salt')
  const hash = argon2Sync('argon2id', { message: 'quiet river stones', nonce, memory: 8192, passes: 1, parallelism: 1, tagLength: 24 })
  const kept = `$argon2id$v=19$m=8192,t=1,p=1$${nonce.toString('base64').replace(/=+$/, '')}$${hash.toString('base64').replace(/=+$/, '')}`
  assert.equal(await isPassword('quiet river stones', kept), true)
  assert.equal(await isPassword('quiet river', kept), false)
  await assert.rejects(isPassword('x', 'md5:abc'), /can not be read/)
})

test('nobody\'s password is no password, and takes as long as anybody\'s', async () => {
  const kept = await hashPassword('quiet river stones')
  const time = async (hash: string | null): Promise<number> => {
    const from = performance.now()
    assert.equal(await isPassword('wrong guess', hash), false)
    return performance.now() - from
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let i = 0; i < 9; i++) {
    known.push(await time(kept))
    unknown.push(await time(null))
  }
  const middle = (list: number[]): number => list.sort((a, b) => a - b)[4] ?? 0
  // Both hash for tens of milliseconds; a shortcut for nobody would take none.
  assert.ok(middle(unknown) > middle(known) / 2, `unknown ${middle(unknown)} ms, known ${middle(known)} ms`)
})

test('many at once wait in turn; more than the queue holds are told to come back', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 70 }, () => isPassword('x', '$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlIHNhbHQ$AAAAAAAA')))
  const refused = tries.filter((one) => one.status === 'rejected')
  assert.equal(refused.length, 70 - 66)
  assert.ok(refused.every((one) => one.reason.code === 'busy'))
  assert.equal(await isPassword('x', '$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlIHNhbHQ$AAAAAAAA'), false, 'all places are free again')
})

test('what is guessed first is refused, with what to do instead', () => {
  for (const password of ['password', 'Passw0rd', 'QWERTY123', '12345678', 'smokey12', 'JONATHAN', 'P@55w0rd', 'sunsh1ne', 'bu773rf1y', 'aaaaaaaa', 'abababab', 'hgfedcba', 'correct horse battery staple']) assert.match(needs(password), /first that are guessed/, password)
  for (const password of ['ana castelo', 'Ana.Castelo', 'ANA.CASTELO@example.org', 'AnaCastelo2026!', 'oncekey-99']) assert.match(needs(password), /name or the address/, password)
  for (const password of ['seven quiet lanterns', 'zq8!vv1x', 'Лебедь и рак', '        x1 ']) assert.equal(needs(password), '', password)
})

test('the list is whole and in order, a look into it costs little, and hardly any other password is taken for one in it', async () => {
  const { readFileSync } = await import('node:fs')
  const { join } = await import('node:path')
  const list = readFileSync(join(import.meta.dirname, 'common-passwords.bin'))
  const hashes = Array.from({ length: list.length / 4 }, (_, i) => list.readUInt32BE(i * 4))
  assert.ok(hashes.length > 17_000 && hashes.every((hash, i) => i === 0 || hash > (hashes[i - 1] ?? Infinity)))
  let refused = 0
  const from = performance.now()
  for (let i = 0; i < 2000; i++) if (needs(`lantern ${i} herons`) !== '') refused++
  assert.ok(refused <= 1, `${refused} of 2,000 refused`)
  assert.ok((performance.now() - from) / 2000 < 5, 'milliseconds for one')
})
