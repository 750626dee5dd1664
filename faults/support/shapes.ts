/** Values from JSON schemas: what fits, what nearly fits, and what nobody thought of. */
import type { Dice } from './seed.ts'

export type Schema = {
  type?: string, format?: string, pattern?: string, minLength?: number, maxLength?: number, minimum?: number, maximum?: number
  minItems?: number, maxItems?: number, items?: Schema, required?: string[], properties?: Record<string, Schema>
  enum?: unknown[], const?: unknown, anyOf?: Schema[]
}

/** Ids that were seen in answers, so that requests reach what is there. */
export type Known = { ids: string[] }

const word = (random: Dice, length: number): string => Array.from({ length }, () => random.pick('abcdefghijklmnopqrstuvwxyz äßé中🔑'.split(''))).join('')

/** A value that fits. `name` of the property helps where a pattern is all that the schema says. */
export function fitting (schema: Schema, random: Dice, known: Known, name = ''): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return random.pick(schema.enum)
  if (schema.anyOf !== undefined) return fitting(random.pick(schema.anyOf), random, known, name)
  switch (schema.type) {
    case 'object': return Object.fromEntries(Object.entries(schema.properties ?? {})
      .filter(([key]) => schema.required?.includes(key) === true || random.chance(0.4))
      .map(([key, one]) => [key, fitting(one, random, known, key)]))
    case 'array': return Array.from({ length: (schema.minItems ?? 0) + random.whole(3) }, () => fitting(schema.items ?? {}, random, known, name))
    case 'integer':
    case 'number': {
      const [from, to] = [schema.minimum ?? 0, Math.min(schema.maximum ?? 1000, 1e14)]
      // Moments mostly of our time.
      if (to > 1e12 && random.chance(0.8)) return Date.UTC(2026, 0, 5, 9) + Math.floor((random.next() - 0.3) * 20 * 86_400_000)
      return random.pick([from, to, from + random.whole(Math.max(1, to - from))])
    }
    case 'boolean': return random.chance(0.5)
    case 'null': return null
    default: return fittingText(schema, random, known, name)
  }
}

function fittingText (schema: Schema, random: Dice, known: Known, name: string): string {
  if (schema.format === 'uuid') return known.ids.length > 0 && random.chance(0.9) ? random.pick(known.ids) : `01890000-0000-7000-8000-${String(random.whole(1e9)).padStart(12, '0')}`
  // Of verifications.
  if (name === 'id') return known.ids.find((one) => !one.includes('-7')) ?? 'x'.repeat(22)
  const byName: Record<string, () => string> = {
    to: () => `p${random.whole(400)}@example.org`,
    code: () => String(random.whole(1e6)).padStart(6, '0'),
    email: () => `p${random.whole(400)}@example.org`,
    login: () => random.pick(['olga@gym.example', 'nobody@example.org']),
    timeZone: () => random.pick(['UTC', 'Europe/Lisbon', 'Mars/Olympus']),
    range: () => random.pick([`B${random.whole(90)}-B99`, 'x1, x2,x3', `C0${random.whole(9)}`, '1-99999', 'Z-A', 'A01-A12']),
    password: () => random.pick(['quiet river stones', word(random, 20)]),
    key: () => Buffer.from(Array.from({ length: 32 }, () => random.whole(256))).toString('base64url'),
    claimCode: () => `ABCDEFGH${random.pick(['JK', 'KJ', 'MN'])}`,
    token: () => 'x'.repeat(43)
  }
  const make = byName[name]
  if (make !== undefined) return make()
  const least = Math.max(1, schema.minLength ?? 1)
  return `${word(random, 1).trim()}x${word(random, Math.min((schema.maxLength ?? 40) - least - 4, random.whole(30)))}`.padEnd(least, 'x').slice(0, schema.maxLength ?? 200)
}

const oddities: readonly unknown[] = [
  null, '', ' ', 0, -1, 1.5, -0, 1e300, 2 ** 53 + 2, 8.64e15 + 1, true, false, [], {}, [[]], [null], { $ne: 1 }, { length: 5 }, { toString: 1 }, { constructor: { prototype: 1 } },
  '\u0000', '\ud800', '\udfff\ud800', '\u202e', '\u2028', '\r\nset-cookie: a=b', '💥'.repeat(60), '__proto__', 'constructor', "' OR 1=1 --", '${7*7}', '<script>alert(1)</script>', '../../etc/passwd', '%00', '%',
  'x'.repeat(10_000), 'é'.repeat(5_000), 'NaN', 'Infinity', '1e3', '0x10', 'true', 'null', '2026-01-05', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', Array.from({ length: 600 }, () => 'x')
]

/** Anything at all. */
export function wild (random: Dice, depth = 0): unknown {
  if (depth < 3 && random.chance(0.2)) return Array.from({ length: random.whole(4) }, () => wild(random, depth + 1))
  if (depth < 3 && random.chance(0.25)) return Object.fromEntries(Array.from({ length: random.whole(5) }, () => [random.pick(['name', 'id', '__proto__', 'constructor', 'x', '', 'email', 'role']), wild(random, depth + 1)]))
  return random.pick(oddities)
}

/** The value with one place changed: gone, of another kind, too long, one too far, or with something that nobody asked for. */
export function nearly (value: unknown, random: Dice): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.3)) return random.pick<unknown>([[...value, wild(random, 2)], [], value[0], { 0: value[0] }, [...value, ...value]])
    const place = random.whole(value.length)
    return value.map((one, i) => i === place ? nearly(one, random) : one)
  }
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    if (keys.length === 0 || random.chance(0.15)) return { ...value, [random.pick(['extra', '__proto__', 'id', 'role', 'siteId'])]: wild(random, 2) }
    const place = random.pick(keys)
    if (random.chance(0.2)) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== place))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === place ? nearly(one, random) : one]))
  }
  if (typeof value === 'string') return random.pick<unknown>([wild(random, 3), value.slice(0, -1), value + '\u0000', value.repeat(60), value.toUpperCase(), ` ${value} `, value + '\u202e', [value], { value }])
  if (typeof value === 'number') return random.pick<unknown>([value + 1, value - 1, -value, value + 0.5, String(value), value * 1e6, wild(random, 3)])
  return wild(random, 2)
}
