import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { downloadToken, imageText, type Image } from '@oncekey/protocol/messages'
import { house, identity, type House } from './testing/house.ts'
import { nodeUpdates } from './updates-node.ts'
import { memoryFlash, type Flash, type UpdatePorts } from './updates.ts'

const operator = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519')
const CHUNK = 100

type Offered = Image & { bytes: Uint8Array }

/** An image of ten chunks and a bit, signed. */
function image (change: Partial<Image> & { firstLine?: string, by?: typeof operator } = {}): Offered {
  const { firstLine = '', by = operator, ...facts } = change
  const bytes = Buffer.from(firstLine + '\n' + 'x'.repeat(10 * CHUNK + 7 - firstLine.length))
  const plain = { version: '0.2.0', minimum: '0.1.0', hardware: 'simulator', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64url'), url: 'http://server/image' }
  const key = String(by.publicKey.export({ format: 'jwk' }).x)
  return { ...plain, key, signature: sign(null, Buffer.from(imageText({ ...plain, ...facts })), by.privateKey).toString('base64url'), ...facts, bytes }
}

type Bench = House & { flash: Flash, offer: (number: number, image: Offered) => void, asked: string[], settle: () => Promise<void>, outcomes: () => string[] }

/** A house whose controller has two slots, and a server that has images. `around` changes what the ports do. */
async function bench (around: Partial<UpdatePorts> = {}): Promise<Bench> {
  const flash = around.flash ?? memoryFlash(4000)
  const asked: string[] = []
  let served: Offered | null = null
  const updates = nodeUpdates({
    flash, chunkBytes: CHUNK,
    async download (url, token, from, to) {
      assert.equal(url, 'http://server/image')
      assert.equal(token, downloadToken(identity.rootKey, 1, offered))
      asked.push(`${from}-${to}`)
      return served?.bytes.subarray(from, to) ?? new Uint8Array()
    },
    ...around
  })
  let offered = 0
  const made = house({ updates })
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 400; i++) await Promise.resolve()
    await new Promise((done) => { setImmediate(done) })
    made.pass(10)
  }
  const { door, server } = made
  return {
    ...made, flash, asked, settle,
    offer (number, one) {
      offered = number
      served = one
      const { bytes: _bytes, ...facts } = one
      server.offer({ offer: number, op: 'install', ...facts })
      made.pass(10)
    },
    outcomes: () => [...server.records.flatMap((record) => record.type === 'update.ended' ? [`${record.offer} ${record.outcome}`] : []), door.firmware]
  }
}

/** Lets downloads, waits and restarts go on for so long. */
async function goOn (b: Bench, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    await b.settle()
    b.pass(Math.min(left, 1000))
  }
  await b.settle()
}

test('a good image: fetched in ranges, tried, kept, reported once; nothing moves', async () => {
  const b = await bench()
  b.offer(1, image())
  await goOn(b, 5000)
  assert.deepEqual(b.outcomes(), ['1 installed', '0.2.0'])
  assert.equal(b.asked.length, 11)
  assert.equal(b.door.moves, 0)
  b.door.cutPower()
  b.door.restorePower()
  await goOn(b, 200_000)
  assert.deepEqual(b.outcomes(), ['1 installed', '0.2.0'])
  b.offer(2, image({ version: '0.3.0', minimum: '0.2.0' }))
  await goOn(b, 5000)
  assert.deepEqual(b.outcomes(), ['1 installed', '2 installed', '0.3.0'], 'and back into the first slot')
})

test('a bad signature: nothing is downloaded, whatever in it was changed', async () => {
  const good = image()
  const last = good.signature.startsWith('A') ? 'B' : 'A'
  const bad: [string, Offered][] = [
    ['another version', { ...good, version: '0.9.0' }], ['another size', { ...good, size: good.size - 1 }], ['another hash', { ...good, sha256: 'A'.repeat(43) }],
    ['a lower minimum', { ...good, minimum: '0.0.1' }], ['another signature', { ...good, signature: last + good.signature.slice(1) }], ['a key that did not sign', { ...good, key: image({ by: stranger }).key }]
  ]
  for (const [what, one] of bad) {
    const b = await bench()
    b.offer(1, one)
    await goOn(b, 2000)
    assert.deepEqual([b.outcomes(), b.asked], [['1 notSigned', '0.1.0'], []], what)
  }
})

test('a server that was taken over signs with a key of its own: refused, once the operator\'s is known', async () => {
  const b = await bench()
  b.offer(1, image())
  await goOn(b, 5000)
  b.offer(2, image({ version: '0.3.0', by: stranger }))
  await goOn(b, 5000)
  assert.deepEqual(b.outcomes(), ['1 installed', '2 notSigned', '0.2.0'])
})

test('a downgrade, the same version, another hardware, no room: the old version stays', async () => {
  for (const [one, outcome] of [[image({ version: '0.0.9' }), 'notNewer'], [image({ version: '0.1.0' }), 'notNewer'], [image({ hardware: 'esp32' }), 'wrongHardware'], [image({ minimum: '0.1.1' }), 'tooOld']] as const) {
    const b = await bench()
    b.offer(1, one)
    await goOn(b, 2000)
    assert.deepEqual([b.outcomes(), b.asked], [[`1 ${outcome}`, '0.1.0'], []])
  }
  const small = await bench({ flash: memoryFlash(500) })
  small.offer(1, image())
  await goOn(small, 2000)
  assert.deepEqual(small.outcomes(), ['1 noRoom', '0.1.0'])
})

test('power cut before, in and after every write of flash: it goes on where it was, and ends once', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let cut = 0; ; cut++) {
      const flash = memoryFlash(4000)
      let writes = 0
      let b: Bench | null = null
      let wasCut = false
      const fails = (write: () => void): void => {
        const isIt = b !== null && writes++ === cut
        if (isIt && when === 'before') b?.door.cutPower()
        else write()
        if (isIt && when === 'after') b?.door.cutPower()
        wasCut ||= isIt
      }
      const made = await bench({ flash: { ...flash, write: (slot, at, bytes) => fails(() => flash.write(slot, at, bytes)), note: (text) => fails(() => flash.note(text)) } })
      b = made
      made.offer(1, image())
      for (let i = 0; i < 30 && !wasCut; i++) await made.settle()
      const askedBefore = made.asked.length
      if (wasCut) made.door.restorePower('brownOut')
      await goOn(made, 15_000)
      const [last] = made.outcomes().slice(-1)
      const said = made.outcomes().slice(0, -1)
      // The boot loader's mark may be what the cut hit: then it never tried, or goes back from a try that was not kept.
      assert.ok(said.length === 1 && ((said[0] === '1 installed' && last === '0.2.0') || (said[0] === '1 wentBack' && last === '0.1.0')), `${when} write ${cut}: ${made.outcomes().join(', ')}`)
      if (askedBefore < 11) assert.ok(said[0] === '1 installed' && made.asked.length <= 12, `${when} write ${cut}: went on where it was, ${made.asked.length} ranges`)
      assert.equal(made.door.moves, 0)
      if (!wasCut) {
        assert.ok(cut > 24, String(cut))
        break
      }
    }
  }
})

test('the network goes at every chunk, in two ways: it waits, and goes on where it was', async () => {
  for (let cut = 0; cut < 11; cut++) {
    for (const how of ['download fails', 'everything is cut', 'half a chunk'] as const) {
      let b: Bench | null = null
      let chunks = 0
      const one = image()
      const made = await bench({
        async download (_url, _token, from, to) {
          if (chunks++ !== cut) return one.bytes.subarray(from, to)
          if (how === 'half a chunk') return one.bytes.subarray(from, to - 1)
          if (how === 'everything is cut') b?.door.cutNetwork()
          throw new Error('gone')
        }
      })
      b = made
      made.offer(1, one)
      await goOn(made, 500)
      if (how === 'everything is cut') {
        await goOn(made, 60_000)
        made.door.restoreNetwork()
      }
      await goOn(made, 65_000)
      assert.deepEqual(made.outcomes(), ['1 installed', '0.2.0'], `${how} at ${cut}`)
      assert.equal(chunks, 12, how)
    }
  }
})

test('no broker for 120 s after the restart: the old version runs again, and the same offer is not tried again', async () => {
  const b = await bench()
  b.offer(1, image({ firstLine: '{"deaf":true}' }))
  await goOn(b, 1000)
  assert.equal(b.door.firmware, '0.2.0')
  await goOn(b, 117_000)
  assert.equal(b.door.firmware, '0.2.0')
  await goOn(b, 2000)
  assert.deepEqual(b.outcomes(), ['1 wentBack', '0.1.0'])
  assert.ok(b.door.connected)
  await goOn(b, 300_000)
  assert.deepEqual(b.outcomes(), ['1 wentBack', '0.1.0'])
  b.offer(2, image({ version: '0.2.1' }))
  await goOn(b, 5000)
  assert.deepEqual(b.outcomes(), ['1 wentBack', '2 installed', '0.2.1'], 'a mended one is')
})

test('a broker that is away just then: the old version runs again, too', async () => {
  const b = await bench()
  const flash = b.flash.note
  let isTried = false
  Object.assign(b.flash, { note (text: string) { isTried ||= text.includes('"now"'); if (isTried) b.reachable(false); flash(text) } })
  b.offer(1, image())
  await b.settle()
  assert.ok(isTried)
  await goOn(b, 122_000)
  assert.equal(b.door.firmware, '0.1.0')
  Object.assign(b.flash, { note: flash })
  b.reachable(true)
  await goOn(b, 2000)
  assert.deepEqual(b.outcomes(), ['1 wentBack', '0.1.0'])
})

test('a program that hangs is ended by the watchdog of the hardware', async () => {
  const b = await bench()
  b.offer(1, image({ firstLine: '{"hangs":true}' }))
  await goOn(b, 181_000)
  assert.deepEqual(b.outcomes(), ['1 wentBack', '0.1.0'])
})

test('what was bent on the way is fetched once more; what is wrong again is damaged', async () => {
  for (const times of [1, 2]) {
    let starts = 0
    const one = image()
    const b = await bench({
      async download (_url, _token, from, to) {
        if (from === 0) starts++
        return from === 0 && starts <= times ? new Uint8Array(to) : one.bytes.subarray(from, to)
      }
    })
    b.offer(1, one)
    await goOn(b, 5000)
    assert.deepEqual(b.outcomes(), times === 1 ? ['1 installed', '0.2.0'] : ['1 damaged', '0.1.0'])
  }
})

test('an offer that is taken back ends its download; a controller without slots says so', async () => {
  let chunks = 0
  const one = image()
  const b = await bench({ async download (_url, _token, from, to) { chunks++; if (chunks > 3) throw new Error('slow'); return one.bytes.subarray(from, to) } })
  b.offer(1, one)
  await b.settle()
  b.server.offer({ offer: 2, op: 'nothing' })
  await goOn(b, 200_000)
  assert.deepEqual([b.outcomes(), chunks], [['0.1.0'], 4])
  const none = house()
  const { bytes: _bytes, ...facts } = image()
  none.server.offer({ offer: 1, op: 'install', ...facts })
  none.pass(1000)
  assert.deepEqual(none.server.records.flatMap((record) => record.type === 'update.ended' ? [record.outcome] : []), ['noRoom'])
})
