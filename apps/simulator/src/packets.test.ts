import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from './fault.ts'
import { packetCutter } from './packets.ts'

function packet (fill: number, length: number): Uint8Array {
  const header = [0x30]
  let rest = length
  do {
    header.push(rest >= 128 ? rest % 128 + 128 : rest)
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Uint8Array.from([...header, ...Array.from({ length }, () => fill)])
}

test('packets come out whole and in order, however the stream was cut', (t) => {
  const seed = Number(process.env['SEED'] ?? 7)
  t.diagnostic(`seed ${seed}`)
  const random = seeded(seed)
  const packets = [0, 1, 127, 128, 129, 20_000, 3, 16_383, 16_384, 0, 5].map((length, i) => packet(i, length))
  const stream = Uint8Array.from(packets.flatMap((one) => [...one]))
  for (let run = 0; run < 50; run++) {
    const cut = packetCutter()
    const out: Uint8Array[] = []
    for (let at = 0; at < stream.length;) {
      const end = at + 1 + Math.floor(random() * (run < 5 ? 3 : 4000))
      out.push(...cut(stream.subarray(at, end)))
      at = end
    }
    assert.deepEqual(out.map((one) => Buffer.from(one).toString('hex').length), packets.map((one) => one.length * 2))
    assert.deepEqual(out, packets)
  }
})

test('a small packet does not wait for more after a large one', () => {
  const cut = packetCutter()
  const large = packet(1, 900)
  assert.deepEqual(cut(large.subarray(0, 10)), [])
  assert.equal(cut(large.subarray(10)).length, 1)
  assert.equal(cut(packet(2, 3)).length, 1)
})

test('a length that never ends is refused', () => {
  assert.throws(() => packetCutter()(Uint8Array.from([0x30, 255, 255, 255, 255, 1])), /not MQTT/)
})
