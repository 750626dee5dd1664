/** Small damage to things that were whole, from a seed. */
type Roll = (sides: number) => number

const edges = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x10, 0x30, 0x32, 0x82, 0xc0, 0xe0]

/** One to four flips, cuts, doublings or foreign bytes. */
export function mutateBytes (whole: Uint8Array, roll: Roll): Uint8Array {
  let bytes = Buffer.from(whole)
  for (let times = 1 + roll(4); times > 0; times--) {
    const at = roll(Math.max(1, bytes.length))
    switch (roll(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ 1 << roll(8)
        break
      case 1:
        bytes[at] = edges[roll(edges.length)] ?? 0
        break
      case 2:
        bytes = bytes.subarray(0, at)
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + roll(40)), bytes.subarray(at)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(Array.from({ length: roll(20) }, () => roll(256))), bytes.subarray(at)])
    }
  }
  return bytes
}

const values: readonly unknown[] = [
  null, true, false, 0, -1, 1, 1.5, 2_147_483_647, 2_147_483_648, 2 ** 53, 1e308, '', 'x', '0', '\u0000', '😀'.repeat(40), 'A'.repeat(22), 'A'.repeat(43),
  'x'.repeat(2000), [], {}, [[]], [null], { get: 1 }, { __proto__: null }, { constructor: 1 }, Array.from({ length: 200 }, () => 1)
]

/** The same JSON with one to three of its values replaced, left out, doubled or joined by strangers. */
export function mutateJson (json: string, roll: Roll): string {
  const object = JSON.parse(json) as Record<string, unknown>
  for (let times = 1 + roll(3); times > 0; times--) {
    const keys = Object.keys(object)
    const key = keys[roll(Math.max(1, keys.length))] ?? 'x'
    const inner = object[key]
    switch (roll(5)) {
      case 0: case 1:
        object[key] = values[roll(values.length)]
        break
      case 2:
        delete object[key]
        break
      case 3:
        if (Array.isArray(inner)) object[key] = [...inner, ...inner, values[roll(values.length)]]
        else if (typeof inner === 'object' && inner !== null) object[key] = { ...inner, [Object.keys(inner)[0] ?? 'x']: values[roll(values.length)] }
        else if (typeof inner === 'string') object[key] = Buffer.from(mutateBytes(Buffer.from(inner), roll)).toString()
        else if (typeof inner === 'number') object[key] = inner * [-1, 2 ** 31, 0.5, 1e300][roll(4)]!
        break
      case 4:
        object[['__proto__', 'toString', 'n', 's', 'x'][roll(5)] ?? 'x'] = values[roll(values.length)]
    }
  }
  return roll(50) === 0 ? Buffer.from(mutateBytes(Buffer.from(JSON.stringify(object)), roll)).toString() : JSON.stringify(object)
}
