import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign, verify, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { newSlots, storeSlots, type Slots } from '@oncekey/controller/slots'
import { imageText, type UpdateOutcome } from '@oncekey/protocol/messages'
import { memoryStorage, newUpdater, SECTOR, type UpdaterPorts } from './index.ts'
import { virtualClock } from './testing/clock.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const bytes = Uint8Array.from({ length: 150_000 }, (_, i) => i * 7 % 251)
const said = { version: '0.2.0', minimum: '0.0.0', hardware: 'bench', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64url') }
const offered = { ...said, offer: 1, url: 'https://keys.lan/image', key: String(publicKey.export({ format: 'jwk' }).x), signature: sign(null, Buffer.from(imageText(said)), privateKey).toString('base64url') }

/** A machine with two slots, whose boot loader's mark the test holds. */
function machine (more: Partial<UpdaterPorts> = {}, noted: Slots | null = null) {
  const clock = virtualClock()
  const memory = new Uint8Array(50 * SECTOR).fill(0xff)
  const storage = memoryStorage()
  const did: string[] = []
  const asked: string[] = []
  const faults: (UpdateOutcome | null)[] = []
  const world = { book: noted === null ? '' : storeSlots(noted), slot: 'a' as 'a' | 'b', isTrial: false, isBroken: false, serve: (from: number, to: number): Uint8Array | null => bytes.subarray(from, to) }
  const updater = newUpdater({
    clock, chance: () => 0, firmware: '0.1.0', storage,
    books: { read: () => world.book, write (text) { world.book = text } },
    flash: {
      size: memory.length,
      write (at, some) {
        if (world.isBroken) throw new Error('worn out')
        assert.equal(at % SECTOR, 0)
        memory.set(some, at)
      },
      read: (at, count) => memory.slice(at, at + count)
    },
    running: () => ({ slot: world.slot, isTrial: world.isTrial }),
    isSigned: (key, signature, text) => verify(null, text, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') }, format: 'jwk' }), signature),
    digest () {
      const hash = createHash('sha256')
      return { write (some) { hash.update(some) }, close: () => hash.digest() }
    },
    download (_url, token, from, to, part, done) {
      asked.push(`${token} ${from}-${to}`)
      return clock.at(clock.now() + 10, () => {
        const some = world.serve(from, to)
        for (let at = 0; some !== null && at < some.length; at += 1000) part(some.subarray(at, at + 1000))
        done(some !== null)
      })
    },
    isBootable: () => true,
    select () { did.push('select') }, keep () { did.push('keep') }, restart () { did.push('restart') }, watch (ms) { did.push(`watch ${ms}`) },
    ...more
  })
  return { world, updater, memory, storage, did, asked, faults, pass: clock.pass, fetch: (change: object = {}) => updater.fetch({ ...offered, ...change }, 'token', (fault) => { faults.push(fault) }) }
}

test('an image comes in parts, is looked at whole, is tried once, and kept', () => {
  const one = machine()
  assert.deepEqual(one.updater.start(), { firmware: '0.1.0', trial: false, runs: true })
  assert.equal(one.updater.prepare('new'), false, 'nothing is there to be tried')
  assert.equal(one.updater.prepare('old'), false)
  one.fetch()
  one.pass(1000)
  assert.deepEqual(one.asked, ['token 0-65536', 'token 65536-131072', 'token 131072-150000'])
  assert.deepEqual(one.faults, [null])
  assert.deepEqual(one.memory.slice(0, bytes.length), bytes)
  assert.equal(one.storage.load()['updateKey'], offered.key)
  assert.equal(one.updater.prepare('new'), true)
  one.updater.restart()
  Object.assign(one.world, { slot: 'b', isTrial: true })
  assert.deepEqual(one.updater.start(), { firmware: '0.1.0', trial: true, runs: true })
  assert.equal(one.updater.prepare('old'), true)
  one.updater.keep()
  assert.equal(one.world.book, storeSlots({ good: 'b', trying: 'no', filling: null }))
  assert.deepEqual(one.did, ['select', 'restart', 'watch 180000', 'keep', 'watch 0'])
})

test('on trial from the first slot, the second is the good one', () => {
  const one = machine()
  Object.assign(one.world, { slot: 'a', isTrial: true })
  one.updater.start()
  one.updater.keep()
  assert.equal(one.world.book, storeSlots(newSlots))
})

test('the books count only where the boot loader agrees: what was tried and left is fetched anew', () => {
  const filling = { sha256: said.sha256, size: said.size, written: 131_072, isWhole: false }
  for (const [noted, asked] of [
    [{ good: 'a', trying: 'no', filling }, 'token 131072-150000'], [{ good: 'b', trying: 'no', filling }, 'token 0-65536'], [{ good: 'a', trying: 'now', filling }, 'token 0-65536']
  ] as const) {
    const one = machine({}, noted)
    one.updater.start()
    one.fetch()
    one.pass(5)
    assert.deepEqual(one.asked, [asked])
    one.updater.stop()
    one.pass(1000)
    assert.equal(one.asked.length, 1)
  }
})

test('what is not signed by the first key is not asked for', () => {
  const one = machine()
  one.fetch({ signature: Buffer.alloc(64).toString('base64url') })
  one.fetch({ signature: '' })
  one.fetch({ key: 'AA' })
  one.fetch({ key: '?' })
  one.storage.set('updateKey', 'another')
  one.fetch()
  one.pass(1000)
  assert.deepEqual([one.faults, one.asked], [['notSigned', 'notSigned', 'notSigned', 'notSigned', 'notSigned'], []])
})

test('an image larger than its slot, and flash that is broken, have no room', () => {
  const small = machine({ flash: { size: 1000, write () {}, read: () => new Uint8Array() } })
  small.fetch()
  const broken = machine()
  broken.fetch()
  broken.world.isBroken = true
  broken.pass(60_000)
  assert.deepEqual([small.faults, broken.faults, broken.asked.length], [['noRoom'], ['noRoom'], 1])
})

test('after a cut it goes on with the sectors that are there; more than was asked for is not taken', () => {
  const one = machine()
  let cuts = 0
  one.world.serve = (from, to) => cuts++ === 0 ? null : cuts === 2 ? bytes.subarray(from, from + 9000) : bytes.subarray(from, to + 500)
  one.fetch()
  one.pass(10_000)
  assert.deepEqual(one.asked, ['token 0-65536', 'token 0-65536', 'token 8192-73728', 'token 73728-139264', 'token 139264-150000'])
  assert.deepEqual([one.faults, one.memory.slice(0, bytes.length)], [[null], bytes])
})

test('bytes that were bent are asked for once more, then it is damaged; so is what the boot loader would not start', () => {
  const one = machine()
  let bent = 3
  one.world.serve = (from, to) => bytes.slice(from, to).map((byte, i) => i === 5 && bent-- > 0 ? byte ^ 1 : byte)
  one.fetch()
  one.pass(10_000)
  assert.deepEqual([one.faults, one.asked.length], [[null], 6])
  bent = 6
  one.fetch({ offer: 2, ...other })
  one.pass(10_000)
  assert.deepEqual(one.faults, [null, 'damaged'])
  const odd = machine({ isBootable: () => false })
  odd.fetch()
  odd.pass(10_000)
  assert.deepEqual(odd.faults, ['damaged'])
})

/** Signed, and of other bytes than are served. */
const wrong = { ...said, sha256: createHash('sha256').update('other').digest('base64url') }
const other = { ...wrong, signature: sign(null, Buffer.from(imageText(wrong)), privateKey).toString('base64url') }

test('a newer wish ends the one before, at any step', () => {
  const one = machine()
  one.fetch()
  one.pass(15)
  one.updater.fetch(null, '', () => { assert.fail('told') })
  one.pass(10_000)
  assert.deepEqual([one.faults, one.asked.length], [[], 2])
  one.fetch()
  one.fetch()
  one.pass(10_000)
  assert.deepEqual(one.faults, [null])
})

test('what an adapter tells after its end is not heard', () => {
  let told: ((isAll: boolean) => void) | null = null
  const one = machine({ download: (_url, _token, _from, _to, _part, done) => { told = done; return () => {} } })
  one.fetch()
  one.updater.stop()
  assert.ok(told !== null)
  const late: (isAll: boolean) => void = told
  late(true)
  one.pass(10_000)
  assert.deepEqual(one.faults, [])
})
